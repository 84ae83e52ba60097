"""Deleting what commits replaced, once nobody can be reading it any more."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from tidegauge.store.lock import FileLock
from tidegauge.store.manifest import Manifest, Retired, generation_path, generations, read_written
from tidegauge.store.segment import NANOSECONDS
from tidegauge.store.tail import Tail

if TYPE_CHECKING:
    from pathlib import Path

    from tidegauge.store.lake import Lake

# Our own readers hold their generation by a lock; the grace is for readers that cannot, such as
# another tool that listed the folder, or a file system without locks.
GRACE = 300 * NANOSECONDS


def sweep(lake: Lake, now: int, grace: int = GRACE) -> int:
    """Delete replaced files whose grace is over and whose last reader is gone; returns how many.

    Never waits for a reader: what is still held is left to the next call.
    """
    oldest = _drop_manifests(lake.path / "generations", now, grace)
    ripe = [retired for retired in lake.manifest().retired if retired.generation <= oldest]
    deleted = sum(_delete(lake, retired) for retired in ripe)
    if ripe:
        done = {retired.generation for retired in ripe}

        def change(newest: Manifest) -> Manifest:
            left = tuple(each for each in newest.retired if each.generation not in done)
            return msgspec.structs.replace(newest, retired=left)

        lake.commit(change, now)
    return deleted


def _drop_manifests(folder: Path, now: int, grace: int) -> int:
    """Delete old manifests in order, up to the first that is young or held; returns the oldest one left."""
    numbers = generations(folder)
    for number, following in pairwise(numbers):
        try:
            superseded = read_written(generation_path(folder, following))
            if superseded + grace > now:
                return number
            lock = FileLock.exclusive_at_once(generation_path(folder, number))
        except FileNotFoundError:
            continue  # another process sweeps too
        if lock is None:
            return number
        with lock:
            generation_path(folder, number).unlink(missing_ok=True)
    return numbers[-1]


def _delete(lake: Lake, retired: Retired) -> int:
    paths = [lake.path / path for path in retired.segments]
    for writer_id, sequence in retired.tails.items():
        paths += Tail(lake.path / "tail" / writer_id).files_through(sequence)
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)
