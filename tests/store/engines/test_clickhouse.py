"""The same statements on both engines: every row equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings

from tests.clickhouse import served
from tests.query.terms import terms
from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.buckets import series
from tidegauge.query.canonical import canonical
from tidegauge.query.conversations import conversations
from tidegauge.query.listing import listing
from tidegauge.query.lookups import RELATIONS
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking, totals
from tidegauge.query.sessions import sessions
from tidegauge.query.statement import Statement
from tidegauge.query.syntax import Term
from tidegauge.query.time_sources import time_sources
from tidegauge.query.vocabulary import Pair, entries
from tidegauge.store.engines.clickhouse import ClickHouse, table_statement
from tidegauge.store.engines.clickhouse_connection import Connection
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.tables import TABLES

MAC = b"\x00\x1b\x44\x11\x3a"
FLOWS: list[Row] = [
    {
        "received": NOON + 60 * SECOND, "start": NOON + number * SECOND, "end": NOON + number * 7 * SECOND,
        "exporter": "192.0.2.1", "observation_domain": number % 2, "protocol_version": "netflow9",
        "src_addr": f"10.0.{number % 3}.{number}", "dst_addr": "203.0.113.9" if number % 2 else "2001:db8::1",
        "src_port": 1024 + number, "dst_port": (443, 53, 771)[number % 3], "protocol": (6, 17, 1)[number % 3],
        "tcp_flags": number, "tos": 184, "packets": number, "bytes": number * 1000 + 7, "src_as": 64512,
        "src_mac": MAC + b"\xff", "dst_mac": MAC + bytes([number]),
        "user": ("John", "Größe \\%", None)[number % 3], "sampling_interval": 10 if number % 4 == 0 else None,
    }
    for number in range(1, 19)
] + [
    {"received": NOON},
    {"received": NOON, "start": NOON, "end": NOON, "bytes": 2**64 - 1, "packets": 2**64 - 1,
     "sampling_interval": 2**32 - 1, "src_addr": "::1"},
    {"received": NOON, "start": NOON - 9 * SECOND, "end": NOON + 9 * SECOND, "bytes": 1000, "packets": 10,
     "src_addr": "10.0.0.1", "dst_addr": "192.0.2.9", "src_port": 5000, "dst_port": 80, "protocol": 6,
     "reverse_bytes": 50_000, "reverse_packets": 40, "reverse_tcp_flags": 2},
    {"received": NOON, "start": NOON + 20 * SECOND, "end": NOON, "bytes": 1, "packets": 1, "protocol": 58,
     "dst_port": 5, "other": [{"element": "icmpTypeCodeIPv6", "value": "32768", "raw": b"\x80\x00"}]},
]  # fmt: skip
RANGES = [TimeRange(None, None), TimeRange(NOON + 5 * SECOND, NOON + 31 * SECOND), TimeRange(None, NOON)]
GROUPED = [
    entry.name for entry in entries() if (entry.left if isinstance(entry, Pair) else entry).type != "elements"
]
WRITTEN = [
    "port 443", "host 10.0.0.3", "src net 10.0.0.0/8 and not dst net 2001:db8::/32", "not flags SA",
    "user ~ GRÖSSE", "user ~ größe", r"user like 'größe \%'", "user = null", "mac 00:1b:44:11:3a:ff",
    "start > 2026-01-01T12:00:05Z", "duration >= 30s", "bps > 1k", "icmp-type 128", "icmp-code 3", "dscp EF",
    "src_port in [1025, 1030-1035]", "engine-id 1", "bytes_up > 5k", "bytes = 18446744073709551615",
]  # fmt: skip


class Engines(NamedTuple):
    duckdb: Engine
    clickhouse: ClickHouse

    def differ(self, statement: Statement) -> list[tuple[Any, Any]]:
        """Rows that are not the same, side by side."""
        left = self.duckdb.rows(statement.sql, statement.values)
        right = self.clickhouse.rows(statement.sql, statement.values)
        assert len(left) == len(right)
        return [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    lake = make_lake(tmp_path_factory.mktemp("clickhouse") / "lake", FLOWS)
    with (
        served(lake) as there,
        Connection(there.clickhouse) as connection,
        lake.generation() as generation,
        Engine(generation) as duckdb,
    ):
        clickhouse = ClickHouse(connection)
        for name, columns in RELATIONS.items():
            empty = ", ".join(
                "CAST(NULL AS {1}) AS {0}".format(*column.split()) for column in columns.split(",")
            )
            sql = f"SELECT {empty} FROM flows WHERE FALSE"
            duckdb.rows(f"CREATE TABLE {name} AS {sql}")
            clickhouse.make_table(name, sql)
        yield Engines(duckdb, clickhouse)


@pytest.mark.parametrize("by", [*GROUPED, "src_addr/24", "addr/16/48"])
def test_top_of_every_field(engines: Engines, by: str) -> None:
    assert not engines.differ(ranking(Query(by=(by,), top=0, metrics=("flows",)), RANGES[0]))


@pytest.mark.parametrize("time_range", RANGES)
@pytest.mark.parametrize("by", ["", "protocol", "port", "src_mac"])
def test_series(engines: Engines, by: str, time_range: TimeRange) -> None:
    query = Query(by=(by,) if by else (), step="7s", top=2)
    assert not engines.differ(series(query, time_range, NOON))


@pytest.mark.parametrize("time_range", RANGES)
def test_every_metric(engines: Engines, time_range: TimeRange) -> None:
    metrics = ("bytes", "packets", "flows", "bytes_up", "bytes_down", "bytes_estimate", "packets_estimate")
    assert not engines.differ(totals(Query(metrics=metrics), time_range))
    assert not engines.differ(ranking(Query(by=("protocol",), metrics=metrics), time_range))


@pytest.mark.parametrize("time_range", RANGES)
def test_flows_as_they_are(engines: Engines, time_range: TimeRange) -> None:
    assert not engines.differ(listing(Query(top=0), time_range))


@pytest.mark.parametrize("time_range", RANGES)
def test_sessions_and_conversations(engines: Engines, time_range: TimeRange) -> None:
    assert not engines.differ(sessions(Query(by=("src_addr",)), time_range))
    assert not engines.differ(conversations(Query(), time_range))


@pytest.mark.parametrize("time_range", RANGES)
def test_who_asks_whom_for_the_time(engines: Engines, time_range: TimeRange) -> None:
    assert not engines.differ(time_sources(Query(), time_range))


@pytest.mark.parametrize("written", WRITTEN)
def test_filters(engines: Engines, written: str) -> None:
    assert not engines.differ(totals(Query(filter=written), RANGES[0]))
    assert not engines.differ(listing(Query(filter=written), RANGES[0]))


@given(terms())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_filter(engines: Engines, term: Term) -> None:
    assert not engines.differ(totals(Query(filter=canonical(term)), RANGES[0])), canonical(term)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_its_columns(engines: Engines, table: str) -> None:
    names = [
        row[0] for row in engines.clickhouse.rows(f"SELECT name FROM system.columns WHERE table = '{table}'")
    ]
    assert names == list(TABLES[table])
    assert f"CREATE TABLE IF NOT EXISTS {table} " in table_statement(table)


def test_a_table_in_memory_is_replaced(engines: Engines) -> None:
    for number in (1, 2):
        engines.clickhouse.make_table("kept", "SELECT CAST($p1 AS BIGINT) AS number", {"p1": number})
    assert engines.clickhouse.rows("SELECT number FROM kept") == [(2,)]


def test_rows_of_another_place_are_taken(engines: Engines) -> None:
    columns = {"address": "UUID", "name": "VARCHAR", "since": "BIGINT", "is_pinned": "BOOLEAN"}
    lines = (
        b'{"address": "::ffff:a00:1", "name": "Gr\\u00f6\\u00dfe \\"x\\"", "since": -5}\n'
        b'{"address": null, "name": null, "since": 9223372036854775807, "is_pinned": true}\n'
    )
    for _ in range(2):
        engines.clickhouse.take("told", columns, lines)
    rows = engines.clickhouse.rows(
        "SELECT CAST(address AS BLOB), name, since, is_pinned FROM told ORDER BY since"
    )
    assert rows == [(bytes(10) + b"\xff\xff\n\0\0\1", 'Größe "x"', -5, None), (None, None, 2**63 - 1, True)]
    engines.clickhouse.take("told", columns, b"")
    assert engines.clickhouse.rows("SELECT count(*) FROM told") == [(0,)]
