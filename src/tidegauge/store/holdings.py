"""Holdings: what stands in a lake, counted without reading a row of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.store.lock import FileLock
from tidegauge.store.segment import TABLES, TAIL
from tidegauge.store.tail import Tail, tails_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake
    from tidegauge.store.manifest import Manifest
    from tidegauge.store.segment import Segment

BESIDE = (
    "names", "counters", "exchanges", "templates", "own_clock", "clock_probes", "clock_stretches", "time"
)  # fmt: skip
"""Folders of what is known beside the tables: it is small, and kept for ever."""

_ORDER = {level: place for place, level in enumerate(("day", "hour", "minute"))}


class Holding(NamedTuple):
    """Files of one table and level, or of one writer's tail; None is what nobody has counted."""

    table: str
    level: str
    files: int
    bytes: int
    rows: int | None = None
    oldest: int | None = None
    newest: int | None = None


class TailHolding(NamedTuple):
    """What a writer has not absorbed yet. A writer that is not alive was killed."""

    writer_id: str
    is_alive: bool
    files: int
    bytes: int


def segments_held(manifest: Manifest) -> list[Holding]:
    """The segments, by table and level."""
    groups: defaultdict[tuple[str, str], list[Segment]] = defaultdict(list)
    for segment in manifest.segments:
        groups[segment.table, segment.level].append(segment)
    tables = {table: place for place, table in enumerate(TABLES)}
    order = sorted(groups, key=lambda key: (tables.get(key[0], len(tables)), _ORDER.get(key[1], len(_ORDER))))
    return [_holding(*key, groups[key]) for key in order]


def _holding(table: str, level: str, segments: Iterable[Segment]) -> Holding:
    found = list(segments)
    return Holding(
        table,
        level,
        files=len(found),
        bytes=sum(segment.bytes for segment in found),
        rows=sum(segment.rows for segment in found),
        oldest=min((s.received_min for s in found if s.received_min is not None), default=None),
        newest=max((s.received_max for s in found if s.received_max is not None), default=None),
    )


def sums_held(segments: Iterable[Segment]) -> Holding | None:
    """The rollups of some segments, with the flows that they tell of for rows; None where there are none."""
    rolled = [segment for segment in segments if segment.is_rolled]
    if not rolled:
        return None
    size = sum(segment.rollup.bytes for segment in rolled if segment.rollup)
    return _holding("rollups", "", rolled)._replace(bytes=size)


def tails_held(lake: Lake, manifest: Manifest) -> Iterator[TailHolding]:
    """The tails of all writers; files that are absorbed already count among the replaced ones."""
    for tail in tails_in(lake.path / TAIL):
        sets = tail.sets_after(manifest.absorbed.get(tail.writer_id, 0))
        files, size = _sized(path for found in sets for path in found.paths.values())
        yield TailHolding(tail.writer_id, _is_alive(tail), files, size)


def replaced_held(lake: Lake, manifest: Manifest) -> Holding:
    """The files that no reader of the newest generation sees, and that are deleted before long."""
    paths = [lake.path / path for retired in manifest.retired for path in retired.segments]
    for retired in manifest.retired:
        for writer_id, sequence in retired.tails.items():
            paths += Tail(lake.path / TAIL / writer_id).files_through(sequence)
    return Holding("", "replaced", *_sized(set(paths)))


def beside_held(lake: Lake) -> Iterator[Holding]:
    """What is known beside the tables, by folder."""
    for name in BESIDE:
        if (lake.path / name).is_dir():
            yield Holding(name, "", *_sized(path for path in (lake.path / name).rglob("*") if path.is_file()))


def tail_rows(generation: Generation) -> dict[str, int]:
    """Flows that stand in tails, by writer. The only thing that a look into files is needed for."""
    import duckdb  # noqa: PLC0415 (a fifth of a second, where there is a tail)

    paths = [segment.path for segment in generation.segments("flows") if segment.level == TAIL]
    if not paths:
        return {}
    with duckdb.connect(config={"threads": 1}) as connection:
        quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        sql = f"SELECT file_name, num_rows FROM parquet_file_metadata([{quoted}])"  # noqa: S608 -- our own names
        rows: defaultdict[str, int] = defaultdict(int)
        for path, count in connection.execute(sql).fetchall():
            rows[path.split("/")[-2]] += count
        return dict(rows)


def _is_alive(tail: Tail) -> bool:
    lock = FileLock.shared_at_once(tail.lock_path)
    if lock is None:
        return tail.lock_path.exists()
    lock.release()
    return False


def _sized(paths: Iterable[Path]) -> tuple[int, int]:
    """How many of the files are there, and their bytes."""
    sizes = []
    for path in paths:
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue  # absorbed or deleted meanwhile
    return len(sizes), sum(sizes)
