"""Ledger files: what was received, stored and lost by minute, as delta rows that add up.

The receiver writes one row for each key and drain; ``SegmentWriter.merge`` makes those of one minute, key and
writer one row. Here are the rows that somebody else has to write, and the sums of what one writer wrote.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.store.counters_map import COUNTER_NAMES, CounterKey
from tidegauge.store.durable import whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from tidegauge._core import Batch

LEDGER_COLUMNS = {
    "minute": "TIMESTAMPTZ_NS",
    "exporter": "UUID",
    "port": "USMALLINT",
    "observation_domain": "UINTEGER",
    "protocol_version": "VARCHAR",
    "writer": "VARCHAR",
    "last_received": "TIMESTAMPTZ_NS",
    "template_count": "UINTEGER",
    "sampling_interval": "UINTEGER",
    "clock_low": "BIGINT",
    "clock_high": "BIGINT",
    **dict.fromkeys(COUNTER_NAMES, "UBIGINT"),
}


class LedgerRow(NamedTuple):
    """One row to write; counters left out are 0. ``minute`` is nanoseconds since 1970."""

    minute: int
    key: CounterKey
    writer_id: str
    counters: Mapping[str, int]


def write_ledger(rows: Sequence[LedgerRow], path: Path) -> None:
    """Write rows of our own making; none at all is a valid file."""
    with _connection() as connection:
        definition = ", ".join(f"{name} {sql_type}" for name, sql_type in LEDGER_COLUMNS.items())
        connection.execute(f"CREATE TABLE ledger ({definition})")
        for row in rows:
            connection.execute(_insertion(), _parameters(row))
        _write(connection, "FROM ledger", path)


def write_refused(batches: Sequence[Batch], path: Path) -> None:
    """Write the ledger rows of a drain whose flows could not be written: what was to be stored is lost."""
    outcome = "0::UBIGINT AS stored, lost_write + stored AS lost_write"
    with _connection() as connection:
        names = [f"batch_{number}" for number in range(len(batches))]
        for name, batch in zip(names, batches, strict=True):
            connection.register(name, batch)
        union = " UNION ALL BY NAME ".join(f"FROM {name}" for name in names)
        _write(connection, f"SELECT * REPLACE ({outcome}) FROM ({union})", path)  # noqa: S608 -- our own names
        for name in names:
            connection.unregister(name)


def ledger_totals(paths: Sequence[str], writer_id: str) -> dict[CounterKey, dict[str, int]]:
    """Add up one writer's rows by key."""
    if not paths:
        return {}
    key = ", ".join(CounterKey._fields)
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTER_NAMES)
    query = f"SELECT {key}, {sums} FROM sources WHERE writer = ? GROUP BY {key}"  # noqa: S608 -- our own names
    with _connection() as connection:
        # An older release wrote fewer columns, for it counted less.
        columns = ", ".join(f"NULL::{sql_type} AS {name}" for name, sql_type in LEDGER_COLUMNS.items())
        connection.read_parquet(list(paths), union_by_name=True).create_view("written")
        every = f"CREATE VIEW sources AS FROM written UNION ALL BY NAME SELECT {columns} WHERE false"
        connection.execute(every)
        found = connection.execute(query, [writer_id]).fetchall()
    width = len(CounterKey._fields)
    return {
        CounterKey(*row[:width]): dict(zip(COUNTER_NAMES, map(int, row[width:]), strict=True))
        for row in found
    }


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    # Loaded here: that costs as much as storing half a million flows, and a collector seldom needs it.
    import duckdb  # noqa: PLC0415

    # One thread: ledger files are small, and the other processor is busy receiving.
    connection = duckdb.connect(config={"threads": 1})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise OSError(f"a ledger file cannot be read or written: {error}") from error
    finally:
        connection.close()


def _insertion() -> str:
    instant = "make_timestamp_ns(?)::TIMESTAMPTZ_NS"
    values = [instant if sql_type == "TIMESTAMPTZ_NS" else "?" for sql_type in LEDGER_COLUMNS.values()]
    return f"INSERT INTO ledger VALUES ({', '.join(values)})"  # noqa: S608 -- parameters carry the values


def _parameters(row: LedgerRow) -> list[Any]:
    values: dict[str, Any] = dict.fromkeys(LEDGER_COLUMNS)
    values |= {"minute": row.minute, "writer": row.writer_id, "last_received": row.minute}
    values |= row.key._asdict()
    values |= {name: row.counters.get(name, 0) for name in COUNTER_NAMES}
    return list(values.values())


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    with whole(path) as partial:
        connection.execute(f"COPY ({query}) TO '{_quoted(partial)}' (FORMAT parquet, COMPRESSION zstd)")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
