from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.names.told import packed
from tests.query.running import run
from tests.sample_lake import NOON, SECOND, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.query.counted import LONGEST_GAP, Scope, compared, scope_of
from tidegauge.query.links import MINUTE, Comparison, links, minutes_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.question import Query
from tidegauge.query.rates import INTERFACES

ROUTER = "192.0.2.1"
TEN_MINUTES = TimeRange(NOON, NOON + 10 * MINUTE)
BOOTED = NOON - 3600 * SECOND
GIGABIT = 10**9
LATER = NOON + 24 * 3600 * SECOND


def reading(seconds: float, octets: int, **more: Any) -> InterfaceSample:
    """Interface 1 has received that many octets in packets of 1000, and sent nothing."""
    told: dict[str, Any] = {
        "received": NOON + int(seconds * SECOND), "exporter": packed(ROUTER), "interface": 1,
        "source": "snmp", "counting_since": BOOTED, "counter_bits": 64, "octets_in": octets, "octets_out": 0,
        "packets_in": octets // 1000, "packets_out": 0, "group_packets_in": 0, "group_packets_out": 0,
        "speed": GIGABIT,
    }  # fmt: skip
    return InterfaceSample(**(told | more))


def flow(minute: int, octets: int, **more: object) -> Row:
    life = {
        "start": NOON + minute * MINUTE, "end": NOON + (minute + 1) * MINUTE,
        "received": NOON + (minute + 1) * MINUTE,
    }  # fmt: skip
    return {"exporter": ROUTER, "in_interface": 1, "bytes": octets, "packets": 1, **life, **more}


def found(
    counters: Sequence[InterfaceSample],
    flows: Sequence[Row] = (),
    *,
    now: int = LATER,
    scope: Scope | None = None,
    time_range: TimeRange = TEN_MINUTES,
) -> list[dict[str, Any]]:
    comparison = Comparison(scope or Scope(), now)
    query = Query(duplicates="all", by=INTERFACES)
    statement = links(query, time_range, minutes_of(time_range), (), comparison)
    names = [column.name for column in statement.columns]
    rows = run(statement, flows, counters=counters)
    return [dict(zip(names, row, strict=True)) for row in rows]


def counted_in(*counters: InterfaceSample, time_range: TimeRange = TEN_MINUTES) -> int | None:
    """What is known of interface 1, beside a flow that shows the row in any case."""
    [row] = found(counters, [flow(0, 1)], time_range=time_range)
    assert row["counted_in"] is None or isinstance(row["counted_in"], int)
    return row["counted_in"]


def test_the_difference_of_two_readings_is_what_passed() -> None:
    [row] = found([reading(0, 5_000), reading(300, 65_000), reading(600, 125_000)], [flow(0, 100_000)])
    assert (row["counted_in"], row["counted_out"], row["counted_share"]) == (120_000, 0, 1.0)
    assert row["coverage_in"] == pytest.approx(100_000 / 120_000)
    assert (row["expected_in_low"], row["expected_in_high"]) == (
        pytest.approx(1 - 0.018),
        pytest.approx(1 - 0.014),
    )


def test_a_reading_beyond_the_border_is_spread_over_its_time() -> None:
    assert counted_in(reading(-60, 0), reading(60, 1200), reading(660, 7200)) == 600 + 6000 * 540 // 600


def test_one_reading_or_none_tells_nothing() -> None:
    assert counted_in() is None
    assert counted_in(reading(60, 500)) is None


def test_a_time_that_readings_do_not_reach_is_not_compared() -> None:
    """The flows of minutes 0 and 4 pass before the first reading and around the last."""
    flows = [flow(0, 7_000_000), flow(1, 55_000), flow(2, 55_000), flow(4, 7_000_000)]
    [row] = found([reading(60, 0), reading(180, 120_000), reading(270, 120_000)], flows)
    assert row["counted_share"] == pytest.approx(210 / 600)
    assert row["coverage_in"] == pytest.approx(110_000 / 120_000)


def test_a_restart_costs_the_interval_around_it() -> None:
    restarted = NOON + 100 * SECOND
    after = [reading(120, 5_000, counting_since=restarted), reading(180, 8_000, counting_since=restarted)]
    assert counted_in(reading(0, 90_000), reading(60, 91_000), *after) == 1_000 + 3_000
    # Also when more was counted since than before, which no comparison of the counters shows.
    after = [reading(120, 95_000, counting_since=restarted), reading(180, 98_000, counting_since=restarted)]
    assert counted_in(reading(0, 90_000), reading(60, 91_000), *after) == 1_000 + 3_000


def test_a_counter_of_32_bits_goes_round() -> None:
    """At 100 Mbit/s that takes 343 s."""
    old = {"counter_bits": 32, "speed": GIGABIT // 10}
    assert counted_in(reading(0, 2**32 - 100, **old), reading(60, 200, **old)) == 300
    assert counted_in(reading(0, 2**32 - 100, **old), reading(350, 200, **old)) is None


@pytest.mark.parametrize("speed", [GIGABIT, None, 0])
def test_one_that_may_have_gone_round_twice_is_not_believed(speed: int | None) -> None:
    old = {"counter_bits": 32, "speed": speed}
    assert counted_in(reading(0, 0, **old), reading(60, 200, **old)) is None
    assert counted_in(reading(0, 0, **old), reading(30, 200, **old)) == 200


def test_a_counter_of_64_bits_goes_round_or_was_reset() -> None:
    assert counted_in(reading(0, 2**64 - 100), reading(60, 200)) == 300
    assert counted_in(reading(0, 2**63), reading(60, 200)) is None


def test_counters_that_change_their_width_are_not_subtracted() -> None:
    assert counted_in(reading(0, 100, counter_bits=32), reading(10, 300)) is None


def test_readings_far_apart_tell_nothing_of_the_time_between() -> None:
    hours = TimeRange(NOON - LONGEST_GAP, NOON + 2 * LONGEST_GAP)
    gap = LONGEST_GAP // SECOND
    assert counted_in(reading(0, 0), reading(gap, 900), time_range=hours) == 900
    assert counted_in(reading(0, 0), reading(gap + 1, 900), time_range=hours) is None


def test_the_same_reading_twice_counts_once_and_of_two_sources_one() -> None:
    twice = [reading(0, 0), reading(60, 500), reading(60, 500), reading(120, 900)]
    other = [reading(30, 1_000_000, source="sflow5"), reading(90, 1_000_500, source="sflow5")]
    assert counted_in(*twice, *other) == 900


def test_flows_still_under_way_are_waited_for() -> None:
    """The exporter keeps flows for five minutes, so three minutes before now it has told but half."""
    counters = [reading(60 * minute, 100_000 * minute) for minute in range(11)]
    kept = {"start": NOON - 2 * MINUTE, "end": NOON + 3 * MINUTE, "received": NOON + 3 * MINUTE}
    flows = [flow(0, 500_000, **kept), *(flow(minute, 100_000) for minute in range(3, 5)), flow(8, 1)]
    [row] = found(counters, flows, now=NOON + 10 * MINUTE)
    assert row["coverage_in"] == pytest.approx(1.0)
    [row] = found(counters, flows)
    assert row["coverage_in"] == pytest.approx(0.5, abs=0.01)


def test_an_interface_that_no_flow_names_is_shown() -> None:
    counters = [reading(0, 0), reading(60, 500), *(reading(60 * n, 0, interface=9) for n in range(2))]
    [row] = found(counters)
    assert (row["interface"], row["bytes_in"], row["coverage_in"]) == (1, 0, 0.0)


def test_what_is_not_known_is_null() -> None:
    [row] = found([], [flow(0, 100)])
    names = ("counted_in", "counted_share", "coverage_out", "expected_in_low", "group_share_in")
    assert {name: row[name] for name in names} == dict.fromkeys(names)
    unsaid = {"packets_in": None, "group_packets_in": None, "octets_out": None}
    [row] = found([reading(0, 0, **unsaid), reading(60, 500, **unsaid)], [flow(0, 100)])
    assert (row["counted_in"], row["expected_in_low"], row["counted_out"]) == (500, None, None)


def test_what_went_to_groups() -> None:
    [row] = found([reading(0, 0), reading(60, 4_000, group_packets_in=1)])
    assert (row["group_share_in"], row["group_share_out"]) == (0.25, None)


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("", True),
        ("exporter = 192.0.2.1", True),
        ("exporter = 192.0.2.1 and interface = 1", True),
        ("interface = 2", False),
        ("exporter = 10.0.0.0/8", False),
    ],
)
def test_a_filter_of_links_compares_those(words: str, *, whole: bool) -> None:
    scope = scope_of(parse(words).term)
    assert scope is not None
    rows = found([reading(0, 0), reading(60, 500)], [flow(0, 100)], scope=scope)
    assert [row["coverage_in"] is not None for row in rows] == [whole]


@pytest.mark.parametrize(
    "words", ["tcp", "in_interface = 1", "not interface = 1", "interface = 1 and interface = 2", "port 443"]
)
def test_a_filter_of_flows_compares_nothing(words: str) -> None:
    assert scope_of(parse(words).term) is None


def test_counters_are_compared_between_two_ends() -> None:
    with pytest.raises(ValueError, match="begin and an end"):
        compared(minutes_of(TEN_MINUTES), TimeRange(NOON, None), Scope(), LATER, Parameters())


def test_loss_is_what_the_worse_direction_discarded() -> None:
    lost = {"discards_in": 0, "discards_out": 0}
    now_lost = {"discards_in": 10, "discards_out": 30, "packets_in": 990, "packets_out": 300}
    readings = [reading(0, 0, **lost), reading(600, 990_000, **now_lost)]
    [row] = found(readings, [flow(0, 1)])
    assert row["loss"] == pytest.approx(30 / 300), "of 300 that were to leave, 30 never did"
    [row] = found([readings[0], reading(600, 990_000, **(now_lost | {"discards_out": 0}))], [flow(0, 1)])
    assert row["loss"] == pytest.approx(10 / 1000), "10 came beside the 990 that were taken"


def test_discards_go_round_at_32_bits_and_without_any_there_is_no_loss_to_tell() -> None:
    readings = [reading(0, 0, discards_in=2**32 - 5), reading(600, 995_000, packets_in=995, discards_in=0)]
    [row] = found(readings, [flow(0, 1)])
    assert row["loss"] == pytest.approx(5 / 1000)
    [row] = found([reading(0, 0), reading(600, 995_000)], [flow(0, 1)])
    assert row["loss"] is None
    quiet = {"discards_in": 0, "discards_out": 0}
    [row] = found([reading(0, 0, **quiet), reading(600, 995_000, **quiet)], [flow(0, 1)])
    assert row["loss"] == 0


def test_errors_are_counted_as_they_grew() -> None:
    readings = [
        reading(0, 0, errors_in=2**32 - 2, errors_out=7),
        reading(300, 400, errors_in=1, errors_out=7),
        reading(600, 900, errors_in=4, errors_out=7),
    ]
    [row] = found(readings, [flow(0, 1)])
    assert (row["errors_in"], row["errors_out"]) == (6, 0)
    [row] = found([reading(0, 0), reading(600, 900)], [flow(0, 1)])
    assert (row["errors_in"], row["errors_out"]) == (None, None)
