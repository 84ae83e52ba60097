"""Running a statement over a table of flows in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import duckdb

from tests.sample_lake import Row, create_table, insert
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.query.lookups import RELATIONS
from tidegauge.query.statement import Statement
from tidegauge.store.engines.rows import make_table
from tidegauge.store.interface_samples import COUNTER_COLUMNS

NOBODY: Mapping[str, Sequence[tuple[Any, ...]]] = {}


def run(
    statement: Statement,
    flows: Sequence[Row],
    known: Mapping[str, Sequence[tuple[Any, ...]]] = NOBODY,
    counters: Sequence[InterfaceSample] = (),
) -> list[tuple[Any, ...]]:
    """The rows of a statement; ``known`` are the rows of the relations that names are looked up in."""
    connection = _database()
    connection.begin()
    try:
        insert(connection, "flows", flows)
        make_table(connection, "counters", COUNTER_COLUMNS, counters)
        for relation, rows in known.items():
            places = ", ".join("?" for _ in rows[0])
            connection.executemany(f"INSERT INTO {relation} VALUES ({places})", rows)
        return connection.execute(statement.sql, statement.values).fetchall()
    finally:
        connection.rollback()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Tables without a row: each run takes back what it wrote.

    Opening a database takes longer than most statements do.
    """
    connection = duckdb.connect()
    create_table(connection, "flows", ())
    for relation, columns in RELATIONS.items():
        connection.execute(f"CREATE TABLE {relation} ({columns})")
    return connection
