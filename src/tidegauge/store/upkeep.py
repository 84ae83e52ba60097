"""Upkeep: all that a collector's background work does by and by, at once and to the end."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.store.compaction import LEVELS, due, merge, merge_lock
from tidegauge.store.errors import LakeError
from tidegauge.store.recovery import recover, remove_orphans
from tidegauge.store.retention import apply_retention
from tidegauge.store.rollup import roll_up_segment, waiting_for_rollup
from tidegauge.store.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tidegauge.store.compaction import Level
    from tidegauge.store.lake import Lake
    from tidegauge.store.lock import FileLock
    from tidegauge.store.segment import Segment

PATIENCE_SECONDS = 0.2


class Step(NamedTuple):
    """What was done: ``merged``, ``rolled`` up, ``removed`` by retention, ``deleted`` or ``failed``.

    ``bytes`` went into it and ``bytes_after`` came out of it.
    """

    what: str
    table: str = ""
    level: str = ""
    files: int = 0
    rows: int = 0
    bytes: int = 0
    bytes_after: int = 0
    cpu_seconds: float = 0.0
    note: str = ""


def keep_up(lake: Lake, now: int, *, present: bool, wait: Callable[[float], object]) -> Iterator[Step]:
    """Take over what killed writers left, remove what is old, join what is due, delete what is free to go.

    ``present`` joins files of periods that go on as well. Every step is whole when it is told of, so whoever
    stops asking loses nothing. While a collector merges, ``wait`` is called between two looks.
    """
    recover(lake, now)
    remove_orphans(lake)
    gone = apply_retention(lake, now)
    if gone:
        rows, size = sum(segment.rows for segment in gone), sum(segment.bytes for segment in gone)
        yield Step("removed", files=len(gone), rows=rows, bytes=size)
    with _alone(lake, wait):
        yield from _merged(lake, now, present=present)
        yield from _rolled_up(lake, now)
    if deleted := sweep(lake, now):
        yield Step("deleted", files=deleted)


def _alone(lake: Lake, wait: Callable[[float], object]) -> FileLock:
    while (lock := merge_lock(lake)) is None:
        wait(PATIENCE_SECONDS)
    return lock


def _merged(lake: Lake, now: int, *, present: bool) -> Iterator[Step]:
    for level in LEVELS[1:]:
        for group in list(due(lake, level, now, present=present)):
            size = sum(segment.bytes for segment in group)
            lake.space.require_room(size)
            yield _step(lake, level, group, now)


def _rolled_up(lake: Lake, now: int) -> Iterator[Step]:
    for segment in waiting_for_rollup(lake, now):
        lake.space.require_room(segment.bytes)
        began = _cpu_seconds()
        try:
            rolled = roll_up_segment(lake, segment, now)
        except (LakeError, OSError) as error:
            yield Step("failed", "rollups", segment.level, 1, segment.rows, segment.bytes, note=str(error))
            continue
        if rolled and rolled.path:
            sizes = segment.rows, segment.bytes, rolled.bytes
            yield Step("rolled", segment.table, segment.level, 1, *sizes, _cpu_seconds() - began)


def _step(lake: Lake, level: Level, group: Sequence[Segment], now: int) -> Step:
    began = _cpu_seconds()
    size, table = sum(segment.bytes for segment in group), group[0].table
    try:
        joined = merge(lake, level, group, now)
    except (LakeError, OSError) as error:
        return Step("failed", table, level.name, len(group), 0, size, 0, 0.0, str(error))
    if joined is None:
        return Step("failed", table, level.name, len(group), note="its files were replaced meanwhile")
    took = _cpu_seconds() - began
    return Step("merged", table, level.name, len(group), joined.rows, size, joined.bytes, took)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
