"""Faults of files: what is wrong with a segment that cannot be what its manifest says it is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from tidegauge.store.segment import Segment

_BLOCK_BYTES = 1 << 20


class Fault(NamedTuple):
    """A segment with an absolute path, and what is wrong with it as a sentence's end."""

    segment: Segment
    why: str


def fault_at_a_glance(segment: Segment) -> str:
    """What its size betrays; empty for a file as long as it was written, and for one of a tail."""
    try:
        size = os.stat(segment.path).st_size  # noqa: PTH116 -- a path object each would double the cost
    except OSError as error:
        return "is missing" if isinstance(error, FileNotFoundError) else str(error.strerror)
    if segment.bytes and size != segment.bytes:
        return f"has {size:,} bytes and was written with {segment.bytes:,}"
    return ""


def fault_in_bytes(segment: Segment) -> str:
    """What its checksum betrays, all of it read; empty for one that was written without."""
    if segment.checksum is None:
        return ""
    found = 0
    try:
        with Path(segment.path).open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                found = crc32(block, found)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return fault_of_checksum(segment, found)


def altered(root: Path, sources: Sequence[Segment], written: Mapping[str, int]) -> dict[str, str]:
    """What is wrong with sources of a new file, by absolute path, that were not read as they were written.

    ``written`` is what ``SegmentWriter.merge`` returned.
    """
    read = {f"{root}/{source.path}": source for source in sources}
    faults = {
        path: fault_of_checksum(source, written[f"checksum of {path}"]) for path, source in read.items()
    }
    return {path: why for path, why in faults.items() if why}


def fault_of_checksum(segment: Segment, found: int) -> str:
    """What another checksum than it was written with says of a segment."""
    if segment.checksum in {None, found}:
        return ""
    return f"has the checksum {found:08x} and was written with {segment.checksum:08x}"
