from __future__ import annotations

import duckdb
import pytest

from tidegauge.query.measure import measures
from tidegauge.query.question import Query
from tidegauge.query.rolled import rolled_groups, rolled_minutes, with_rolled

TABLES = ("exporter", "src_addr", "src_port")


@pytest.mark.parametrize(
    ("query", "table", "columns"),
    [
        (Query(by=("src_addr",)), "src_addr", ("src_addr",)),
        (Query(by=("src_addr/24",), metrics=("flows", "share")), "src_addr", ("src_addr",)),
        (Query(by=("exporter", "observation_domain")), "exporter", ("exporter", "observation_domain")),
        (Query(by=("src_addr", "exporter")), "src_addr", ("src_addr", "exporter")),
        (Query(by=("src_addr",), filter="src net 10.0.0.0/8"), "src_addr", ("src_addr",)),
        (
            Query(by=("src_addr",), filter="exporter 192.0.2.1 or not src ip 10.0.0.1"),
            "src_addr",
            ("src_addr",),
        ),
        (Query(by=("exporter",), filter="dst port 443"), "", ()),
        (Query(by=("exporter",), filter="src port 443"), "src_port", ("exporter",)),
        (Query(by=("src_addr",), filter="src port 443"), "", ()),
        (Query(by=("src_addr",), filter="ip 10.0.0.1"), "", ()),
        (Query(by=("src_addr",), filter="bytes > 5"), "", ()),
        (Query(by=("src_addr",), filter="src_user ann"), "", ()),
        (Query(by=("tos",)), "", ()),
        (Query(by=("addr",)), "", ()),
        (Query(by=("application",)), "", ()),
        (Query(by=("src_addr", "src_port")), "", ()),
        (Query(by=("src_addr",), metrics=("bytes_estimate",)), "", ()),
        (Query(by=("src_addr",), direction="up"), "", ()),
        (Query(by=("src_addr",), compare="1d"), "", ()),
    ],
)
def test_sums_by_one_field_answer_what_is_asked_of_it_alone(
    query: Query, table: str, columns: tuple[str, ...]
) -> None:
    found = rolled_groups(query, TABLES)
    assert (found.table, found.columns) == (table, columns) if found else not table


def test_sums_by_minute_answer_series_of_whole_minutes() -> None:
    def answers(query: Query) -> bool:
        return rolled_minutes(query, "minutes") is not None

    assert answers(Query())
    assert answers(Query(by=("exporter",), step="5m"))
    assert answers(Query(filter="exporter 192.0.2.1", since="2h", until="1h"))
    assert not answers(Query(filter="exporter 192.0.2.1"))
    assert not answers(Query(filter="src port 53", since="2h", until="1h"))
    assert not answers(Query(step="90s"))
    assert not answers(Query(by=("protocol",)))
    assert not answers(Query(metrics=("bytes", "share")))


def test_groups_of_flows_and_of_sums_add_up() -> None:
    counted = 'SELECT 1 AS k0, 10 AS "bytes", NULL AS "share", 2 AS once, 0 AS clamped'
    sql = with_rolled(counted, {"k0": "port"}, measures(("bytes", "share")), "once", "clamped")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rolled (port INT, bytes BIGINT, flows BIGINT, clamped BIGINT)")
        connection.execute("INSERT INTO rolled VALUES (1, 5, 1, 1), (1, NULL, 1, 0), (NULL, NULL, 4, 0)")
        rows = connection.execute(f"{sql} ORDER BY k0").fetchall()
    assert rows == [(1, 15, None, 4, 1), (None, None, None, 4, 0)]
