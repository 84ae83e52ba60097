"""Rollups: beside a segment of flows, what they come to by hour and one field, and by minute.

A rollup is of one segment and goes with it. So each flow is in one place, among the rows or in the sums, and
a reader may take either for each segment; what comes late is in a segment of its own. Sums are exact: where
they cannot be, or are hardly fewer than the flows, there are none, and the flows are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.store.compaction import LEVELS, are_there, is_damaged, is_over, merge_lock
from tidegauge.store.durable import sync_names
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.rollup_file import rollup_path, write_rollup

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.store.lake import Lake
    from tidegauge.store.manifest import Manifest
    from tidegauge.store.segment import Rollup, Segment

LEAST_ROWS = 1 << 16
"""Fewer flows are read faster than another file is opened; of a day that is over sums are to outlive them."""

_HOUR, _DAY = LEVELS[1:]


def roll_up(lake: Lake, now: int, budget_bytes: int, meanwhile: Callable[[], object] = lambda: None) -> int:
    """Give the segments of hours that are over their rollups; returns how many got one.

    At most ``budget_bytes`` of segments are read in one call, but one segment at least. Only one process does
    this, or merges, at a time; the others return 0 at once. ``meanwhile`` is called after each segment, and
    may remove what was to be next.
    """
    lock = merge_lock(lake)
    if lock is None:
        return 0
    made = 0
    with lock:
        for segment in waiting_for_rollup(lake, now):
            if not are_there(lake, [segment]):
                continue
            if (made and segment.bytes > budget_bytes) or not lake.space.has_room(segment.bytes):
                break
            budget_bytes -= segment.bytes
            made += roll_up_segment(lake, segment, now) is not None
            meanwhile()
    return made


def waiting_for_rollup(lake: Lake, now: int) -> list[Segment]:
    """The segments whose hour is over and that have no rollup yet, or a damaged one, the oldest first."""
    waiting = (each for each in lake.manifest().segments if _is_waiting(lake, each, now))
    return sorted(waiting, key=lambda each: (each.filed, each.path))


def _is_waiting(lake: Lake, segment: Segment, now: int) -> bool:
    level = _HOUR if segment.rows >= LEAST_ROWS else _DAY
    if segment.table != "flows" or not is_over(segment, level, now) or is_damaged(lake, segment):
        return False
    return segment.rollup is None or (segment.sums is not None and is_damaged(lake, segment.sums))


def roll_up_segment(lake: Lake, segment: Segment, now: int) -> Rollup | None:
    """Give one segment its rollup; None, and nothing changed, where it is gone meanwhile.

    Flows that cannot be read are remembered, so that the next call is about others. Raises
    LakeUnreadableError then. Only whoever holds the lock that a merge needs may call this.
    """
    rollup = _written(lake, segment)

    def change(newest: Manifest) -> Manifest | None:
        if segment not in newest.segments:
            return None
        rolled = msgspec.structs.replace(segment, rollup=rollup)
        segments = tuple(rolled if each == segment else each for each in newest.segments)
        return msgspec.structs.replace(newest, segments=segments)

    if rollup.path:
        sync_names([lake.path / rollup.path], lake.path)
    if lake.commit(change, now) is None:
        (lake.path / rollup_path(segment.path)).unlink(missing_ok=True)
        return None
    lake.faults.pop(f"{lake.path}/{rollup_path(segment.path)}", None)
    return rollup


def _written(lake: Lake, segment: Segment) -> Rollup:
    try:
        return write_rollup(lake.path, segment)
    except OSError as error:
        if error.errno is not None:
            raise  # of the system, not of a file's content
        source = f"{lake.path}/{segment.path}"
        lake.faults[source] = f"cannot be read ({error})"
        raise LakeUnreadableError(
            f"{source} cannot be summed up: {error}; tidegauge lake verify tells what to do"
        ) from error
