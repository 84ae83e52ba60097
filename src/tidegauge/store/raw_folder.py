"""Kept datagrams: in the folder ``raw`` of a lake each listener has one, its files named by first arrival.

A file is pcapng in frames of zstd. The collector that writes it is its only writer; everybody may read it.
"""

from __future__ import annotations

import re
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.instant_text import instant_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.lake import Lake

RAW = "raw"
_NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\d\.\d{9}Z)\.pcapng\.zst")
_WRITTEN_WITHIN = 600 * 10**9
"""A file that changed so lately may be written still: it goes on for five minutes."""
_DISORDER = 10 * 10**9
"""Of several receivers one may be behind the others by as much when it hands over what arrived meanwhile."""


class RawFile(NamedTuple):
    """A file of kept datagrams, the first of which arrived at ``begin``.

    All arrived by about ``end``: when the next file began, or when this one was written last.
    """

    listener: str
    path: Path
    begin: int
    end: int
    bytes: int
    is_last: bool


def folder_of(listener: str) -> str:
    """What the folder of a listener is called, as Rust names it.

    >>> folder_of("udp://[::1]:2055")
    'udp-::1-2055'
    """
    transport, _, place = listener.partition("://")
    host, _, port = place.rpartition(":")
    return f"{transport}-{host.strip('[]')}-{port}"


def raw_files(lake: Lake) -> list[RawFile]:
    """All files, by listener and then by age."""
    found = sorted(_found(lake))
    files = []
    for seen, following in zip_longest(found, found[1:]):
        is_last = following is None or following.listener != seen.listener
        end = seen.written if is_last else following.begin
        files.append(RawFile(seen.listener, seen.path, seen.begin, end, seen.bytes, is_last))
    return files


def recordings(lake: Lake, wanted: TimeRange) -> dict[str, list[Path]]:
    """The files of each listener in which datagrams of a time may be, oldest first."""
    chosen = [
        file
        for file in raw_files(lake)
        if (wanted.until is None or file.begin < wanted.until + _DISORDER)
        # When the last one was written tells nothing of a copy of it.
        and (wanted.since is None or file.is_last or file.end >= wanted.since - _DISORDER)
    ]
    return {
        listener: [file.path for file in files]
        for listener, files in groupby(chosen, key=lambda file: file.listener)
    }


def remove_old(lake: Lake, age: int, maximum_bytes: int, now: int) -> list[RawFile]:
    """Remove files that are too old, then the oldest ones until the others fit; returns what was removed.

    One that is written still stays, whatever its size.
    """
    files = raw_files(lake)
    removable = [file for file in files if not file.is_last or file.end < now - _WRITTEN_WITHIN]
    gone = [file for file in removable if file.end < now - age]
    excess = sum(file.bytes for file in files) - sum(file.bytes for file in gone) - maximum_bytes
    for file in sorted(set(removable) - set(gone), key=lambda file: file.begin):
        if excess <= 0:
            break
        gone.append(file)
        excess -= file.bytes
    for file in gone:
        file.path.unlink(missing_ok=True)
    return gone


class _Seen(NamedTuple):
    listener: str
    begin: int
    path: Path
    bytes: int
    written: int


def _found(lake: Lake) -> Iterator[_Seen]:
    for path in (lake.path / RAW).glob("*/*.pcapng.zst"):
        if not (match := _NAME.fullmatch(path.name)):
            continue  # a person put it there
        try:
            told = path.stat()
        except FileNotFoundError:
            continue  # removed meanwhile
        begin = instant_from_text(":".join(match.groups()))
        yield _Seen(path.parent.name, begin, path, told.st_size, told.st_mtime_ns)
