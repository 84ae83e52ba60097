"""Compaction: segments of a period that is over into one larger segment.

Thousands of small files make every question slow, so files grow by levels: minute, hour, day. Each step
is prepared beside the lake and becomes visible in one commit, or not at all when somebody else was faster.
Flows of a day that is over are written densely: they take half the room, and are seldom asked for any more.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegauge._core import SegmentWriter
from tidegauge.store.durable import PARTIAL, sync_names
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.fault import altered, fault_at_a_glance
from tidegauge.store.lock import FileLock
from tidegauge.store.manifest import Manifest, Retired
from tidegauge.store.rollup_file import join_rollups, rollup_path
from tidegauge.store.segment import HOUR, NANOSECONDS, Segment, segment_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tidegauge.store.lake import Lake


class Level(NamedTuple):
    """A size of segment: one for each ``span`` nanoseconds of arrivals, but none above ``maximum_bytes``."""

    name: str
    span: int
    maximum_bytes: int


class SegmentName(NamedTuple):
    """What makes a segment's file name unique: who wrote it, and that writer's count."""

    writer_id: str
    sequence: int


MINUTE = Level("minute", 60 * NANOSECONDS, 0)
DAY = Level("day", 24 * HOUR, 1024 * 1024 * 1024)
LEVELS = (MINUTE, Level("hour", HOUR, 1024 * 1024 * 1024), DAY)
_RANK = {level.name: rank for rank, level in enumerate(LEVELS)}

# Stands in file names where a new segment has its writer.
MERGED = "merged"

# Arrivals of a period may still be on their way through queues and tails for this long after its end.
SLACK = 2 * MINUTE.span
# This many small files are worth joining even to a large one; fewer are not worth rewriting it.
FAN_IN = 16
# Files that are joined are open at once, and a process may have a thousand.
FILES_AT_ONCE = 256


def level_for(duration: int) -> Level:
    """Level of a new segment whose arrivals span a duration: the lowest that can still grow.

    >>> level_for(60 * NANOSECONDS).name, level_for(48 * HOUR).name
    ('minute', 'day')
    """
    for level, above in pairwise(LEVELS):
        if duration <= above.span:
            return level
    return LEVELS[-1]


def place_segment(
    lake: Lake, staged: Path, table: str, written: dict[str, int], name: SegmentName, now: int
) -> Segment:
    """Move a file among the segments, where nobody sees it before a commit, and describe it."""
    segment = new_segment(table, written, name, now)
    path = lake.path / segment.path
    path.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(path)
    return segment


def new_segment(table: str, written: dict[str, int], name: SegmentName, now: int) -> Segment:
    """Describe a new file as ``SegmentWriter`` told of it, and say where it belongs.

    Filed by its first arrival; where its writing did not tell that, under ``now``.
    """
    low, high = written.get("received_min", now), written.get("received_max", now)
    level = level_for(high - low)
    filed = low // HOUR * HOUR
    path = segment_path(filed, level.name, name.writer_id, name.sequence, table)
    return _described(table, level, path, written, filed)


def _described(table: str, level: Level, path: str, written: dict[str, int], filed: int) -> Segment:
    return Segment(
        table=table,
        path=path,
        rows=written["rows"],
        bytes=written["file_bytes"],
        level=level.name,
        filed=filed,
        received_min=written.get("received_min"),
        received_max=written.get("received_max"),
        start_min=written.get("start_min"),
        end_max=written.get("end_max"),
        checksum=written.get("checksum"),
    )


def join_files(table: str, sources: Sequence[Path], path: Path, *, dense: bool = False) -> dict[str, int]:
    """Join files of one table; returns what ``SegmentWriter.merge`` returns.

    ``dense`` takes more time and makes the file smaller: see there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return SegmentWriter(table).merge([str(source) for source in sources], str(path), dense=dense)


def merge_levels(
    lake: Lake, now: int, budget_bytes: int, meanwhile: Callable[[], object] = lambda: None
) -> int:
    """Join the segments of periods that are over; returns how many files went into it.

    At most ``budget_bytes`` are rewritten in one call, so that a backlog never starves the writing of new
    rows. Only one process does this at a time; the others return 0 at once. ``meanwhile`` is called after
    each group, and may remove what was to be joined next.
    """
    lock = merge_lock(lake)
    if lock is None:
        return 0
    joined = 0
    with lock:
        for level in LEVELS[1:]:
            for group in due(lake, level, now):
                if not are_there(lake, group):
                    continue
                budget_bytes -= sum(segment.bytes for segment in group)
                if budget_bytes < 0 or not lake.space.has_room(sum(segment.bytes for segment in group)):
                    return joined
                joined += len(group) if merge(lake, level, group, now) else 0
                meanwhile()
    return joined


def are_there(lake: Lake, segments: Sequence[Segment]) -> bool:
    """Whether the newest generation still has all of them."""
    newest = {segment.path for segment in lake.manifest().segments}
    return all(segment.path in newest for segment in segments)


def due(lake: Lake, level: Level, now: int, *, present: bool = False) -> Iterator[list[Segment]]:
    """Groups of sound segments to join into one of a level, because their period is over.

    With ``present`` also those of a period that goes on, and however few they are.
    """
    segments = [each for each in lake.manifest().segments if not is_damaged(lake, each)]
    return _due(segments, level, now, present=present)


def is_damaged(lake: Lake, segment: Segment) -> bool:
    """Whether a segment is known to be, or shows at a glance to be, not what was written."""
    path = f"{lake.path}/{segment.path}"
    return path in lake.faults or bool(fault_at_a_glance(msgspec.structs.replace(segment, path=path)))


def merge_lock(lake: Lake) -> FileLock | None:
    """Become the one process that merges, or get None while another is."""
    path = lake.path / "compaction.lock"
    path.touch()
    return FileLock.exclusive_at_once(path)


def is_over(segment: Segment, level: Level, now: int) -> bool:
    """Whether nothing will arrive any more in the period of a level that a segment belongs to."""
    return (segment.filed // level.span + 1) * level.span + SLACK <= now


def _due(
    segments: Iterable[Segment], level: Level, now: int, *, present: bool = False
) -> Iterator[list[Segment]]:
    periods: dict[tuple[str, int], list[Segment]] = defaultdict(list)
    for segment in segments:
        if _takes_part(segment, level, now, present=present):
            periods[segment.table, segment.filed // level.span].append(segment)
    for members in periods.values():
        for group in _packed(members, level.maximum_bytes):
            is_first = all(_is_loose(segment, now) for segment in group)
            if is_first or _is_worth_joining(group) or (present and len(group) > 1):
                yield group


def _takes_part(segment: Segment, level: Level, now: int, *, present: bool) -> bool:
    if _is_loose(segment, now):
        return level is DAY
    may_grow = _RANK[segment.level] <= _RANK[level.name] and segment.bytes <= level.maximum_bytes // 2
    return may_grow and (present or is_over(segment, level, now))


def _is_loose(segment: Segment, now: int) -> bool:
    """Whether a segment has flows of a day that is over and is not dense yet, however large it is."""
    return segment.table == "flows" and segment.level != DAY.name and is_over(segment, DAY, now)


def _packed(segments: list[Segment], maximum_bytes: int) -> Iterator[list[Segment]]:
    """Cut segments, in order of arrival, into runs that fit one file."""
    run: list[Segment] = []
    for segment in sorted(segments, key=lambda each: (each.received_min or each.filed, each.path)):
        is_full = sum(each.bytes for each in run) + segment.bytes > maximum_bytes
        if run and (is_full or len(run) == FILES_AT_ONCE):
            yield run
            run = []
        run.append(segment)
    if run:
        yield run


def _is_worth_joining(group: Sequence[Segment]) -> bool:
    """Whether joining saves files without rewriting a large one again and again for crumbs."""
    sizes = [segment.bytes for segment in group]
    return len(group) >= FAN_IN or (len(group) > 1 and 2 * max(sizes) <= sum(sizes))


def merge(lake: Lake, level: Level, group: Sequence[Segment], now: int) -> Segment | None:
    """Join a group into one segment; None, and nothing changed, where somebody else was faster.

    A source that cannot be read is remembered, so that the next merge is one without it. Raises
    LakeUnreadableError then. Only whoever holds the ``merge_lock`` may call this.
    """
    table = group[0].table
    filed = min(segment.filed for segment in group)
    # The newest generation's number makes the name unique: this process is the only one to merge.
    path = segment_path(filed, level.name, MERGED, lake.manifest().generation + 1, table)
    replaced = {segment.path for segment in group}

    def change(newest: Manifest) -> Manifest | None:
        kept = tuple(segment for segment in newest.segments if segment.path not in replaced)
        if len(newest.segments) - len(kept) != len(replaced):
            return None
        files = (path for segment in newest.segments if segment.path in replaced for path in segment.files)
        retired = Retired(generation=newest.generation + 1, segments=tuple(sorted(files)))
        return msgspec.structs.replace(newest, segments=(*kept, joined), retired=(*newest.retired, retired))

    try:
        joined = _joined(lake, level, group, path)
        sync_names([lake.path / each for each in joined.files], lake.path)
    except BaseException:
        _remove(lake, path)
        raise
    # Whatever ends this, it may have been shown by then. Files that were not go with others of nobody.
    is_shown = lake.commit(change, now) is not None
    if not is_shown:
        _remove(lake, path)
    return joined if is_shown else None


def _joined(lake: Lake, level: Level, group: Sequence[Segment], path: str) -> Segment:
    """Write the rows of a group into one file that nobody sees yet."""
    table, filed = group[0].table, min(segment.filed for segment in group)
    sources = [lake.path / segment.path for segment in group]
    try:
        written = join_files(table, sources, lake.path / path, dense=level is DAY and table == "flows")
    except OSError as error:
        if error.errno is not None:
            raise  # of the system, not of a file's content
        lake.faults |= {str(each): why for each in sources if (why := _reading_fault(table, each))}
        raise LakeUnreadableError(
            f"{', '.join(lake.faults) or path} cannot be joined: {error};"
            " tidegauge lake verify tells what to do"
        ) from error
    require_as_written(lake, group, written)
    rollup = join_rollups(lake.path, group, path) if table == "flows" else None
    return msgspec.structs.replace(_described(table, level, path, written, filed), rollup=rollup)


def _remove(lake: Lake, path: str) -> None:
    """Delete what nobody was shown."""
    for each in (path, rollup_path(path)):
        (lake.path / each).unlink(missing_ok=True)


def require_as_written(lake: Lake, sources: Sequence[Segment], written: Mapping[str, int]) -> None:
    """Raise LakeUnreadableError, and remember it, where what was read is not what the manifest tells of.

    Else what a failing disk made of the rows would get a checksum that is right. ``written`` is what
    ``SegmentWriter.merge`` returned.
    """
    if found := altered(lake.path, sources, written):
        lake.faults |= found
        told = ", ".join(f"{path} {why}" for path, why in found.items())
        raise LakeUnreadableError(f"{told}; tidegauge lake verify tells what to do")


def _reading_fault(table: str, source: Path) -> str:
    """What keeps one file from being joined."""
    trial = source.with_name(f".{source.name}{PARTIAL}")
    try:
        join_files(table, [source], trial)
    except OSError as error:
        return f"cannot be read ({error})"
    finally:
        trial.unlink(missing_ok=True)
    return ""
