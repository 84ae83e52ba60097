"""Examination: reading a segment to its last value, to see that it is what the manifest says it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from tidegauge.store.fault import fault_at_a_glance, fault_in_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidegauge.store.generation import Generation
    from tidegauge.store.segment import Segment

_COUNTED = "SELECT count(*), bit_xor(hash(rows)), {instants} FROM read_parquet(['{path}']) AS rows"
_TOLD = """
SELECT path_in_schema, epoch_ns(min(CAST(stats_min_value AS TIMESTAMPTZ_NS))),
  epoch_ns(max(CAST(stats_max_value AS TIMESTAMPTZ_NS)))
FROM parquet_metadata(['{path}']) WHERE path_in_schema IN ({names}) GROUP BY path_in_schema"""
# The columns that bound the arrivals of a table, and those that bound what its rows are about.
_ARRIVAL = {"flows": "received", "sightings": "received", "ledger": "minute"}
_LIFE = {"flows": ("start", "end")}


def fault_inside(segment: Segment, *, quick: bool = False) -> str:
    """What a look into the file betrays; empty for a sound one. All of it is read unless ``quick``."""
    if why := fault_at_a_glance(segment) or ("" if quick else fault_in_bytes(segment)):
        return why
    try:
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return _rows_fault(connection, segment) if quick else _content_fault(connection, segment)
    except duckdb.Error as error:
        return f"cannot be read ({str(error).splitlines()[0]})"


def find_faults(generation: Generation) -> dict[str, str]:
    """Look through the files of a generation, after one of them could not be read; faults by path.

    Checksums are compared first, several times as fast as values are decoded: that is left to files without
    one, and to when nothing is found.
    """
    files = [file for segment in generation.all_segments() for file in (segment, segment.sums) if file]
    return _faults(files, _fault_at_once) or _faults(files, fault_inside)


def _faults(files: Iterable[Segment], fault_of: Callable[[Segment], str]) -> dict[str, str]:
    return {file.path: why for file in files if (why := fault_of(file))}


def _fault_at_once(segment: Segment) -> str:
    if segment.checksum is None:
        return fault_inside(segment)
    return fault_at_a_glance(segment) or fault_in_bytes(segment)


def _rows_fault(connection: duckdb.DuckDBPyConnection, segment: Segment) -> str:
    path = segment.path.replace("'", "''")
    sql = f"SELECT num_rows FROM parquet_file_metadata(['{path}'])"  # noqa: S608 -- our own names
    [(rows,)] = connection.execute(sql).fetchall()
    return _count_fault(segment, rows)


def _count_fault(segment: Segment, rows: int) -> str:
    if segment.rows and rows != segment.rows:
        return f"holds {rows:,} rows and should hold {segment.rows:,}"
    return ""


def _content_fault(connection: duckdb.DuckDBPyConnection, segment: Segment) -> str:
    """Decode every value of every column, and see that what is told of them is true."""
    path = segment.path.replace("'", "''")
    arrival, life = _ARRIVAL.get(segment.table), _LIFE.get(segment.table, ())
    columns = [arrival, *life] if arrival else []
    # As numbers: a smallest instant would be taken from the very statistics that are to be judged.
    instants = [f'{bound}(epoch_ns("{column}"))' for column in columns for bound in ("min", "max")]
    sql = _COUNTED.format(instants=", ".join(instants) or "NULL", path=path)
    [(rows, _, *bounds)] = connection.execute(sql).fetchall()
    if why := _count_fault(segment, rows):
        return why
    held = {column: (bounds[2 * place], bounds[2 * place + 1]) for place, column in enumerate(columns)}
    return _bounds_fault(segment, held) or _statistics_fault(connection, path, held)


def _bounds_fault(segment: Segment, held: dict[str, tuple[int | None, int | None]]) -> str:
    """Whether the manifest leaves the file out of a range that has rows of it."""
    if not held:
        return ""
    (arrival, *life) = held.values()
    told = [("arrivals", arrival, segment.received_min, segment.received_max)]
    told += [("flows", each, segment.start_min, segment.end_max) for each in life]
    for what, (low, high), told_low, told_high in told:
        is_outside = (low is not None and told_low is not None and low < told_low) or (
            high is not None and told_high is not None and high > told_high
        )
        if is_outside:
            return f"has {what} outside of the range that its manifest tells"
    return ""


def _statistics_fault(
    connection: duckdb.DuckDBPyConnection, path: str, held: dict[str, tuple[int | None, int | None]]
) -> str:
    """Whether the file's own statistics would let a reader skip rows that it looks for."""
    if not held:
        return ""
    names = ", ".join(f"'{name}'" for name in held)
    for name, low, high in connection.execute(_TOLD.format(path=path, names=names)).fetchall():
        real_low, real_high = held[name]
        if (low is not None and real_low is not None and real_low < low) or (
            high is not None and real_high is not None and real_high > high
        ):
            return f"has statistics of {name} that its rows contradict"
    return ""
