from __future__ import annotations

import duckdb
import pytest

from tidegauge.query.measure import measures
from tidegauge.query.question import Query
from tidegauge.query.rolled import rolled_minutes, rolled_table, with_rolled

TABLES = ("exporter", "src_addr", "src_port")


@pytest.mark.parametrize(
    ("query", "table"),
    [
        (Query(by=("src_addr",)), "src_addr"),
        (Query(by=("src_addr/24",), metrics=("flows", "share")), "src_addr"),
        (Query(by=("exporter", "observation_domain")), "exporter"),
        (Query(by=("tos",)), ""),
        (Query(by=("addr",)), ""),
        (Query(by=("application",)), ""),
        (Query(by=("src_addr", "src_port")), ""),
        (Query(by=("src_addr",), metrics=("bytes_estimate",)), ""),
        (Query(by=("src_addr",), direction="up"), ""),
        (Query(by=("src_addr",), compare="1d"), ""),
    ],
)
def test_sums_by_one_field_answer_what_is_asked_of_it_alone(query: Query, table: str) -> None:
    assert rolled_table(query, TABLES) == table


def test_sums_by_minute_answer_series_of_whole_minutes() -> None:
    assert rolled_minutes(Query())
    assert rolled_minutes(Query(by=("exporter",), step="5m"))
    assert not rolled_minutes(Query(step="90s"))
    assert not rolled_minutes(Query(by=("protocol",)))
    assert not rolled_minutes(Query(metrics=("bytes", "share")))


def test_groups_of_flows_and_of_sums_add_up() -> None:
    counted = 'SELECT 1 AS k0, 10 AS "bytes", NULL AS "share", 2 AS once, 0 AS clamped'
    sql = with_rolled(counted, {"k0": "port"}, measures(("bytes", "share")), "once", "clamped")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rolled (port INT, bytes BIGINT, flows BIGINT, clamped BIGINT)")
        connection.execute("INSERT INTO rolled VALUES (1, 5, 1, 1), (1, NULL, 1, 0), (NULL, NULL, 4, 0)")
        rows = connection.execute(f"{sql} ORDER BY k0").fetchall()
    assert rows == [(1, 15, None, 4, 1), (None, None, None, 4, 0)]
