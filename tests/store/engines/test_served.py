from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clickhouse import served
from tests.sample_lake import NOON, add_segment, make_lake
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.store.engines.choice import engine_of
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.interface_samples import append, samples_seen
from tidegauge.store.lake import Lake

OPTIONS = [
    {"received": NOON + 5, "exporter": exporter, "scope": None,
     "other": [{"element": "samplingInterval", "value": interval, "raw": b"\x00\xff"}]}
    for exporter, interval in (("192.0.2.1", "10"), ("2001:db8::1", None))
]  # fmt: skip


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A lake of names, whose flows lie elsewhere."""
    folder = tmp_path_factory.mktemp("served")
    flows = [{"received": NOON, "src_addr": "10.0.0.1", "bytes": number} for number in range(5)]
    whole = make_lake(folder / "lake", flows, [{"minute": NOON, "port": 7, "exporter": "192.0.2.1"}])
    add_segment(whole, "options", OPTIONS)
    with served(whole) as there:
        yield Lake.open(Lake.create(folder / "names").path, clickhouse=there.clickhouse)


@pytest.fixture
def engine(lake: Lake) -> Iterator[Engine]:
    with lake.generation() as generation, engine_of(generation, clickhouse=lake.clickhouse) as engine:
        yield engine


def test_a_statement_is_asked_where_its_rows_are(engine: Engine) -> None:
    assert engine.rows("SELECT sum(bytes) FROM flows WHERE is_home(src_addr)") == [(10,)]
    assert engine.scanned.rows == 5
    engine.rows(
        "CREATE TEMP TABLE holders AS "
        "SELECT '00000000-0000-0000-0000-ffff0a000001'::UUID AS address, 'J' AS name"
    )
    assert engine.rows("SELECT name FROM holders") == [("J",)]
    joined = "SELECT name, count(*) FROM flows JOIN holders ON address = src_addr GROUP BY name"
    assert engine.rows(joined) == [("J", 5)]
    engine.keep("large", "SELECT bytes FROM flows WHERE bytes >= CAST($p1 AS UBIGINT)", {"p1": 3})
    assert engine.rows("SELECT count(*) FROM large") == [(2,)]


def test_options_and_the_ledger_come_here_for_what_is_made_of_them(engine: Engine) -> None:
    told = "FROM (FROM options) SELECT CAST(exporter AS BLOB), epoch_ns(received), scope, other"
    engine.rows(f"CREATE TEMP TABLE told AS {told}, (SELECT any_value(port) FROM ledger) AS port")
    raw = b"\x00\xff"
    assert engine.rows("SELECT * FROM told ORDER BY 1") == [
        (bytes(10) + b"\xff\xff\xc0\0\2\1", NOON + 5, None,
         [{"element": "samplingInterval", "value": "10", "raw": raw}], 7),
        (b"\x20\1\x0d\xb8" + bytes(11) + b"\1", NOON + 5, None,
         [{"element": "samplingInterval", "value": None, "raw": raw}], 7),
    ]  # fmt: skip


def test_what_would_be_made_of_the_lakes_own_flows_is_refused(engine: Engine) -> None:
    with pytest.raises(LakeUnreadableError, match="not answered where these lie in ClickHouse"):
        engine.rows("CREATE TEMP VIEW begun AS SELECT * FROM flows")


def test_other_flows_can_stand_in_for_those_that_lie_there(engine: Engine) -> None:
    engine.rows("CREATE TEMP TABLE doubled AS SELECT 2::UBIGINT AS times, 4::UBIGINT AS bytes")
    joined = "reported LEFT JOIN doubled AS first ON first.bytes = reported.bytes"
    engine.replace_flows(
        f"SELECT reported.* REPLACE (reported.bytes * coalesce(first.times, 1) AS bytes) FROM {joined}"
    )
    assert engine.rows("SELECT sum(bytes) FROM flows") == [(14,)]
    joined = "FROM flows AS one JOIN flows ON one.bytes = flows.bytes"
    where = "one.bytes IS NOT DISTINCT FROM flows.bytes"
    assert engine.rows(f"SELECT max(one.bytes) {joined} WHERE {where}") == [(8,)]
    engine.keep("kept", "SELECT bytes FROM flows WHERE bytes > 2")
    assert engine.rows("SELECT sum(bytes) FROM kept") == [(11,)]


def test_nothing_is_known_of_flows_before_they_are_read(engine: Engine) -> None:
    assert engine.statistics() is None
    assert not engine.has_stock


def test_instants_are_sent_to_the_nanosecond(lake: Lake, engine: Engine) -> None:
    sample = InterfaceSample(
        received=NOON + 1, exporter=bytes(16), interface=1, source="snmp", counting_since=-1, counter_bits=64,
        octets_in=2**64 - 1,
    )  # fmt: skip
    append(lake, [sample], NOON)
    sql = """
        SELECT DISTINCT epoch_ns(counters.received), epoch_ns(counting_since), octets_in
        FROM counters JOIN flows ON flows.bytes = counters.interface"""
    with samples_seen(engine, lake):
        assert engine.rows(sql) == [(NOON + 1, -1, 2**64 - 1)]
