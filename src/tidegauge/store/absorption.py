"""Absorption: what stands in a tail becomes segments.

Small files are joined, because each costs a reader its opening. A large one is adopted: it gets a second name
among the segments, and nothing is copied. Its first name goes as those of all absorbed files do, when no
reader can need it any more.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from tidegauge.store.compaction import SegmentName, join_files, new_segment, place_segment
from tidegauge.store.durable import sync_names, whole
from tidegauge.store.manifest import Manifest, Retired
from tidegauge.store.segment import TABLES, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.store.lake import Lake
    from tidegauge.store.tail import Tail, TailSet

# Reading so many rows takes far longer than opening their file: joining it with others gains too little.
ADOPTED_ROWS = 1 << 17
# Files that are joined are open at once, and a process may have a thousand: a tail that waited long has more.
SETS_AT_ONCE = 256


def absorb(lake: Lake, tail: Tail, now: int) -> int:
    """Turn the committed sets of a tail into segments; returns how many sets that were.

    Only the tail's owner, or whoever holds the lock of a dead owner, may call this.
    """
    sets = tail.sets_after(lake.manifest().absorbed.get(tail.writer_id, 0))
    for start in range(0, len(sets), SETS_AT_ONCE):
        _absorb(lake, tail, sets[start : start + SETS_AT_ONCE], now)
    return len(sets)


def _absorb(lake: Lake, tail: Tail, sets: Sequence[TailSet], now: int) -> None:
    writer_id = tail.writer_id
    last = sets[-1].sequence
    segments = [segment for table in TABLES for segment in _absorbed(lake, tail, table, sets, now)]

    def change(newest: Manifest) -> Manifest:
        return msgspec.structs.replace(
            newest,
            segments=newest.segments + tuple(segments),
            absorbed={**newest.absorbed, writer_id: last},
            retired=(*newest.retired, Retired(generation=newest.generation + 1, tails={writer_id: last})),
        )

    sync_names((lake.path / segment.path for segment in segments), lake.path)
    lake.commit(change, now)
    tail.forget(sets)


def _absorbed(lake: Lake, tail: Tail, table: str, sets: Sequence[TailSet], now: int) -> list[Segment]:
    """The segments that the files of one table become."""
    found = [each for each in sets if table in each.paths]
    rows = {each.sequence: tail.written(each.paths[table]).get("rows", 0) for each in found}
    small = [each for each in found if rows[each.sequence] < ADOPTED_ROWS]
    if len(small) == 1 and rows[small[0].sequence]:
        small = []  # alone it is as good as joined
    adopted = [_adopted(lake, tail, table, each, now) for each in found if each not in small]
    return adopted + _joined(lake, tail, table, small, now)


def _adopted(lake: Lake, tail: Tail, table: str, found: TailSet, now: int) -> Segment:
    path = found.paths[table]
    segment = new_segment(table, tail.written(path), SegmentName(tail.writer_id, found.sequence), now)
    target = lake.path / segment.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # of an absorption that failed before its commit
    try:
        target.hardlink_to(path)
    except OSError:
        # Not every file system has second names.
        with whole(target) as partial:
            shutil.copyfile(path, partial)
    return segment


def _joined(lake: Lake, tail: Tail, table: str, small: Sequence[TailSet], now: int) -> list[Segment]:
    """One segment of many files; none where they hold no row."""
    if not small:
        return []
    staged = tail.folder / f"joined.{table}.parquet"
    written = join_files(table, [each.paths[table] for each in small], staged)
    if written["rows"]:
        name = SegmentName(tail.writer_id, small[-1].sequence)
        return [place_segment(lake, staged, table, written, name, now)]
    staged.unlink()
    return []
