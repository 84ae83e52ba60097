"""What several points saw, in what detectors count; that their findings stay the same is in test_detector."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.sample_lake import SECOND, add_segment
from tests.traffic import DAY, SINCE, WHOLE, Flow, both_ways, lake_of
from tidegauge.analysis.activity import Activity
from tidegauge.analysis.past import Volume
from tidegauge.analysis.repeats import ALL, counted_once
from tidegauge.analysis.top import top
from tidegauge.flow.addresses import Network, address_from_text
from tidegauge.query.question import Query
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake

NEAR, AWAY = "10.1.2.17", "198.51.100.7"
ONE, TWO = ("192.0.2.1",), ("192.0.2.1", "192.0.2.2")
TO_US = "SELECT * FROM flows WHERE dst_addr = CAST($us AS UUID)"


def exchange(second: float) -> list[Flow]:
    return both_ways(Flow(NEAR, AWAY, 40_000, 443, 6, WHOLE, 5, 700, second), 9, 8000)


def test_with_one_point_nothing_is_searched_for(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", exchange(0), ONE)
    with lake.generation() as generation, Engine(generation) as engine:
        assert counted_once(engine, SINCE, SINCE + SECOND) == ALL


def test_only_what_is_asked_about_is_searched(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", exchange(0), TWO)
    values = {"us": address_from_text(NEAR).to_bytes(16, "big").hex()}
    with lake.generation() as generation, Engine(generation) as engine:
        every = counted_once(engine, SINCE, SINCE + SECOND)
        assert engine.rows(f"SELECT sum(bytes) FROM {every}") == [(8700,)]
        ours = counted_once(engine, SINCE, SINCE + SECOND, TO_US, values)
        assert engine.rows(f"SELECT sum(bytes) FROM {ours}") == [(8000 + 2 * 700,)]


@pytest.mark.parametrize("exporters", [ONE, TWO])
def test_what_detectors_start_from_is_the_same(tmp_path: Path, exporters: Sequence[str]) -> None:
    lake = lake_of(tmp_path / "lake", exchange(0) + exchange(-3600) + exchange(-DAY), exporters)
    address = address_from_text(NEAR).to_bytes(16, "big")
    with lake.generation() as generation, Activity(lake, generation, SINCE, SINCE + SECOND) as activity:
        assert activity.rows("SELECT flows_up, flows_down, bytes_up, packets_down FROM contacts") == [
            (1, 1, 700, 9)
        ]
        assert activity.rows("SELECT bytes_up, bytes_down FROM hours") == [(700, 8000)]
        assert activity.rows("SELECT count(*) FROM begun") == [(2,)]
        assert set(activity.past.hourly({address: None})[address].values()) == {Volume(700, 8000)}
        network = Network(address_from_text("198.51.0.0"), 112)
        assert (activity.past.days_sent(network, 700), activity.past.days_sent(network, 701)) == (2, 0)


def test_questions_that_share_a_stock_do_not_see_what_another_left_out(tmp_path: Path) -> None:
    lake, shared = lake_of(tmp_path / "lake", exchange(0), TWO), Stock()
    ours = {"us": address_from_text(NEAR).to_bytes(16, "big").hex()}
    with (
        lake.generation() as generation,
        Engine(generation, stock=shared) as one,
        Engine(generation, stock=shared) as another,
    ):
        once = counted_once(one, SINCE, SINCE + SECOND)
        part = counted_once(another, SINCE, SINCE + SECOND, TO_US, ours)
        assert one.rows(f"SELECT sum(bytes) FROM {once}") == [(8700,)]
        assert another.rows(f"SELECT sum(bytes) FROM {part}") == [(8000 + 2 * 700,)]


@pytest.mark.parametrize(
    ("words", "sources"),
    [
        ("ip 10.1.2.17", [AWAY, NEAR]),
        ("src ip 203.0.113.5", []),  # the other side of a translation, which somebody tells whole
        ("dst ip 198.51.100.7 and port 443", [NEAR]),
        ("not port 53 and bytes > 1", [AWAY, NEAR]),
    ],
)
def test_what_is_searched_for_one_filter_is_what_the_whole_search_finds(
    tmp_path: Path, words: str, sources: Sequence[str]
) -> None:
    """Two routers, of which one translates: a question that comes alone searches among what it asks for."""
    lake = lake_of(tmp_path / "lake", exchange(0) + exchange(-3600), TWO)
    there = {"received": WHOLE, "start": WHOLE, "end": WHOLE, "dst_addr": AWAY, "packets": 3, "protocol": 6}
    ports = {"src_port": 40_001, "dst_port": 443, "bytes": 300}
    translated = {"src_addr": NEAR, "nat_src_addr": "203.0.113.5", "exporter": ONE[0]}
    add_segment(lake, "flows", [there | ports | translated])
    add_segment(lake, "flows", [there | ports | {"src_addr": "203.0.113.5", "exporter": TWO[1]}])
    query = Query(filter=words, by=("src_addr",))
    alone = top(lake, query, WHOLE + SECOND)
    together = top(Lake.open(lake.path, Stock()), query, WHOLE + SECOND)
    assert (alone.data, alone.totals) == (together.data, together.totals)
    assert [row["src_addr"] for row in alone.data] == sources
