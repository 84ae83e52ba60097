"""What several observation points saw, counted at one of them."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from tests.sample_lake import Row, create_table
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.duplicates import COLUMNS, RELATION, counted_once, duplicates_between
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking

NOON = 1_767_268_800_000_000_000
MINUTE = 60_000_000_000
EDGE, CORE = "192.0.2.1", "192.0.2.2"


def seen(exporter: str, at: int = NOON, packets: int = 10, port: int = 50000, **more: object) -> Row:
    """One record of a flow between two hosts, as an exporter saw it."""
    key = {
        "src_addr": "10.0.0.1",
        "dst_addr": "198.51.100.1",
        "src_port": port,
        "dst_port": 443,
        "protocol": 6,
    }
    life = {"start": at, "end": at + MINUTE, "received": at + MINUTE}
    return {**key, **life, "exporter": exporter, "packets": packets, "bytes": packets * 100, **more}


def counted(
    flows: Sequence[Row], since: int | None = None, until: int | None = None
) -> list[tuple[str, int]]:
    """Exporter and packets of the flows that count, in order of both."""
    sql, values = duplicates_between(since, until)
    with duckdb.connect() as connection:
        create_table(connection, "flows", flows)
        connection.execute(f"CREATE TABLE {RELATION} ({COLUMNS})")
        connection.execute(f"INSERT INTO {RELATION} {sql}", values)
        rows = connection.execute(
            f"SELECT CAST(exporter AS VARCHAR), packets FROM {counted_once()} ORDER BY ALL"
        ).fetchall()
    ends = {"c0000201": EDGE, "c0000202": CORE}
    return [(ends[str(exporter).replace("-", "")[-8:]], packets) for exporter, packets in rows]


def test_two_routers_on_a_path_count_as_the_one_that_saw_more() -> None:
    assert counted([seen(EDGE, packets=9), seen(CORE, packets=10)]) == [(CORE, 10)]


def test_at_equal_counts_the_lowest_address_counts() -> None:
    assert counted([seen(CORE), seen(EDGE)]) == [(EDGE, 10)]


def test_the_one_that_samples_least_counts_whatever_the_others_saw() -> None:
    flows = [seen(EDGE, packets=500, sampling_interval=100), seen(CORE, packets=490)]
    assert counted(flows) == [(CORE, 490)]


def test_all_records_of_the_point_that_counts_stay() -> None:
    long = [seen(EDGE, NOON + n * MINUTE) for n in range(30)]
    assert counted([*long, seen(CORE, NOON, packets=290)]) == [(EDGE, 10)] * 30


def test_a_clock_minutes_off_hides_no_duplicate() -> None:
    assert counted([seen(EDGE), seen(CORE, NOON + 5 * MINUTE, packets=11)]) == [(CORE, 11)]


def test_the_same_key_hours_later_is_another_flow() -> None:
    flows = [seen(EDGE), seen(CORE, NOON + 120 * MINUTE)]
    assert counted(flows) == [(EDGE, 10), (CORE, 10)]


def test_events_of_translations_neither_hide_flows_nor_are_hidden_by_them() -> None:
    metered = seen(EDGE, direction=0)
    event = {**seen(EDGE), "packets": None, "bytes": None, "nat_event": 4}
    with duckdb.connect() as connection:
        create_table(connection, "flows", [metered, event])
        sql, values = duplicates_between(None, None)
        assert connection.execute(sql, values).fetchall() == []


PUBLIC: Row = {"src_addr": "203.0.113.17", "src_port": 24101}
INSIDE: Row = {"nat_src_addr": PUBLIC["src_addr"], "nat_src_port": PUBLIC["src_port"]}
OUTSIDE: Row = {**PUBLIC, "nat_src_addr": "10.0.0.1", "nat_src_port": 50000}


def test_the_point_that_tells_both_sides_of_a_translation_counts_whatever_others_saw() -> None:
    """Also where nobody else has the same key twice, and where a third point saw it as well."""
    core = seen(CORE, packets=11, **PUBLIC)
    assert counted([seen(EDGE, **INSIDE), core]) == [(EDGE, 10)]
    assert counted([seen(EDGE, **INSIDE), core, {**core, "direction": 1}]) == [(EDGE, 10)]
    assert counted([seen(EDGE, **OUTSIDE), seen(CORE, packets=11)]) == [(EDGE, 10)]


def test_what_comes_back_is_told_from_its_other_side_too() -> None:
    there: Row = {"src_addr": "198.51.100.1", "src_port": 443}
    inside: Row = {
        "dst_addr": "10.0.0.1",
        "dst_port": 50000,
        "nat_dst_addr": "203.0.113.17",
        "nat_dst_port": 24101,
    }
    outside: Row = {"dst_addr": "203.0.113.17", "dst_port": 24101}
    flows = [seen(EDGE, **{**there, **inside}), seen(CORE, packets=11, **{**there, **outside})]
    assert counted(flows) == [(EDGE, 10)]


def test_where_both_sides_are_told_from_both_sides_one_counts() -> None:
    assert len(counted([seen(EDGE, **INSIDE), seen(CORE, **OUTSIDE)])) == 1


def test_a_port_that_is_used_again_hours_later_is_no_echo() -> None:
    later = seen(CORE, NOON + 120 * MINUTE, **PUBLIC)
    assert counted([seen(EDGE, **INSIDE), later]) == [(EDGE, 10), (CORE, 10)]


def test_an_estimate_takes_nothing_from_what_was_seen_whole() -> None:
    flows = [seen(EDGE, sampling_interval=100, **INSIDE), seen(CORE, packets=990, **PUBLIC)]
    assert counted(flows) == [(EDGE, 10), (CORE, 990)]


def test_translation_that_nobody_tells_counts_twice() -> None:
    assert counted([seen(EDGE), seen(CORE, **PUBLIC)]) == [(EDGE, 10), (CORE, 10)]


def test_what_one_point_saw_alone_is_untouched() -> None:
    flows = [seen(EDGE), seen(CORE), seen(EDGE, port=50001), seen(CORE, port=50002)]
    assert counted(flows) == [(EDGE, 10), (EDGE, 10), (CORE, 10)]


def test_one_router_that_meters_in_and_out_counts_once() -> None:
    assert counted([seen(EDGE, direction=0), seen(EDGE, direction=1)]) == [(EDGE, 10)]


@pytest.mark.parametrize(("since", "until"), [(NOON, None), (None, NOON + 1), (NOON, NOON + MINUTE)])
def test_a_range_finds_the_duplicates_within_it(since: int | None, until: int | None) -> None:
    assert counted([seen(EDGE), seen(CORE)], since, until) == [(EDGE, 10)]


def test_a_question_counts_once_unless_it_asks_for_all() -> None:
    once = ranking(Query(by=("dst_port",)), TimeRange())
    every = ranking(Query(by=("dst_port",), duplicates="all"), TimeRange())
    assert (once.lookups, every.lookups) == ((RELATION,), ())
