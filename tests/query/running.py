"""Running a statement over a table of flows in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from tests.sample_lake import Row, create_table
from tidegauge.query.statement import Statement


def run(statement: Statement, flows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with duckdb.connect() as connection:
        create_table(connection, "flows", flows)
        return connection.execute(statement.sql, statement.values).fetchall()
