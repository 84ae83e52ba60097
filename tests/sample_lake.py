"""A lake with rows of our choice, written by DuckDB so that no test of an answer needs the native module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.store.engines.duckdb import HOME_NETWORKS, make_macros
from tidegauge.store.engines.tables import TABLES
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest
from tidegauge.store.segment import Segment

Row = Mapping[str, Any]
SECOND = 1_000_000_000
ROWS_A_STATEMENT = 256
NOON = 1_767_268_800 * SECOND  # 2026-01-01T12:00:00Z


def make_lake(path: Path, flows: Sequence[Row] = (), ledger: Sequence[Row] = ()) -> Lake:
    """Create a lake whose tables hold these rows; columns left out are null.

    Addresses are text, instants nanoseconds since 1970.
    """
    lake = Lake.create(path)
    for table, rows in (("flows", flows), ("ledger", ledger)):
        if rows:
            add_segment(lake, table, rows)
    return lake


def add_segment(lake: Lake, table: str, rows: Sequence[Row]) -> None:
    """Write rows as one more segment of a table and commit it."""
    number = len(lake.manifest().segments)
    name = f"segments/{number}.{table}.parquet"
    target = lake.path / name
    target.parent.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        create_table(connection, table, rows)
        connection.table(table).write_parquet(str(target), compression="uncompressed")
    segment = Segment(table=table, path=name, rows=len(rows), bytes=target.stat().st_size, **_extent(rows))

    def change(manifest: Manifest) -> Manifest:
        return msgspec.structs.replace(manifest, segments=(*manifest.segments, segment))

    lake.commit(change, now=NOON)


def create_table(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Make a table of the lake with these rows, and the macros its fields are computed with."""
    connection.execute("SET TimeZone = 'UTC'")
    make_macros(connection, HOME_NETWORKS)
    columns = ", ".join(f'"{column}" {sql_type}' for column, sql_type in TABLES[table].items())
    connection.execute(f"CREATE TABLE {table} ({columns})")
    insert(connection, table, rows)


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Add rows to a table of the lake.

    In few statements, of the columns that some row has: one for each row takes milliseconds each.
    """
    types = TABLES[table]
    named = {name for row in rows for name in row}
    assert named <= types.keys(), f"no such columns: {named - types.keys()}"
    columns = [name for name in types if name in named] or list(types)[:1]
    quoted = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join("make_timestamp_ns(?)" if "TIMESTAMP" in types[name] else "?" for name in columns)
    for first in range(0, len(rows), ROWS_A_STATEMENT):
        some = rows[first : first + ROWS_A_STATEMENT]
        values = [_value(types[name], row.get(name)) for row in some for name in columns]
        all_places = ", ".join([f"({places})"] * len(some))
        connection.execute(f"INSERT INTO {table} ({quoted}) VALUES {all_places}", values)


def _extent(rows: Sequence[Row]) -> dict[str, Any]:
    lives = [
        [row[name] for name in ("start", "end", "received", "minute") if row.get(name) is not None]
        for row in rows
    ]
    instants = [instant for life in lives for instant in life]
    extent = {"start_min": min(instants), "end_max": max(instants)} if instants else {}
    if received := [row["received"] for row in rows if row.get("received") is not None]:
        extent |= {"received_min": min(received), "received_max": max(received)}
    return extent


def _value(sql_type: str, value: Any) -> Any:
    return uuid_text(address_from_text(value)) if sql_type == "UUID" and value else value
