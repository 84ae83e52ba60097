from __future__ import annotations

from itertools import product
from typing import Any

import duckdb
import pytest

from tests.sample_lake import SECOND, create_table
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.correction import COLUMNS, RELATION
from tidegauge.query.ends import at_ends, span

EXPORTER = "192.0.2.1"
TIMES = (None, *(at * SECOND for at in (10, 20, 30)))


def found_between(told: TimeRange, sql: str) -> list[tuple[Any, ...]]:
    rows = [
        {"start": start, "end": end, "received": received, "exporter": exporter, "src_port": number}
        for number, (start, end, received, exporter) in enumerate(
            product(TIMES, TIMES, TIMES, (EXPORTER, "192.0.2.2"))
        )
    ]
    with duckdb.connect() as connection:
        create_table(connection, "flows", rows)
        connection.execute("ALTER TABLE flows RENAME TO reported")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
        connection.execute(f"CREATE TABLE {RELATION} ({columns})")
        exporters = [bytes(10) + b"\xff\xff" + bytes(map(int, EXPORTER.split(".")))]
        return connection.execute(sql.format(at_ends(exporters, told))).fetchall()


@pytest.mark.parametrize(("first", "last"), [(10, 30), (15, 25), (20, 20), (5, 35), (9, 30)])
def test_those_are_chosen_that_may_be_the_first_or_the_last(first: int, last: int) -> None:
    told = TimeRange(first * SECOND, last * SECOND)
    places = 'coalesce(epoch_ns(start), epoch_ns("end"), epoch_ns(received))'
    ends = f'greatest({places}, coalesce(epoch_ns("end"), epoch_ns(start), epoch_ns(received)))'
    wanted = f"{places} <= {told.since} OR {ends} >= {told.until}"
    chosen = found_between(told, "SELECT DISTINCT src_port FROM ({}) ORDER BY ALL")
    everyone = found_between(TimeRange(), f"SELECT src_port FROM ({{}}) WHERE {wanted} ORDER BY ALL")
    assert chosen == everyone


def test_where_an_end_is_unknown_all_are_chosen() -> None:
    counted = "SELECT count(*), count(DISTINCT src_port) FROM ({})"
    for told in (TimeRange(), TimeRange(None, 1), TimeRange(1, None)):
        assert found_between(told, counted) == [(2 * len(TIMES) ** 3,) * 2]


def test_flows_span_the_time_from_the_first_start_to_the_last_end() -> None:
    with duckdb.connect() as connection:
        rows = [
            {"start": 7 * SECOND, "end": 3 * SECOND},
            {"start": 0, "end": 90_000 * SECOND},
            {"end": 4000 * SECOND},
        ]
        create_table(connection, "flows", rows)
        statement = span("flows")
        found = connection.execute(statement.sql, statement.values).fetchall()
    assert found == [(7 * SECOND, 90_000 * SECOND)]
