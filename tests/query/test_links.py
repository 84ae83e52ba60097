from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.query.running import run
from tests.sample_lake import NOON, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import address_from_text
from tidegauge.query.error import QuestionError
from tidegauge.query.links import HOUR, MINUTE, Capacity, links, minutes_of
from tidegauge.query.question import Query

ROUTER = "192.0.2.1"
TWO_HOURS = TimeRange(NOON, NOON + 2 * HOUR)
MEGABIT_MINUTE = 1_000_000 * 60 // 8  # bytes of one minute at 1 Mbit/s


def minute(number: int, megabits: float, **more: object) -> Row:
    life = {"start": NOON + number * MINUTE, "end": NOON + (number + 1) * MINUTE}
    flow = {"exporter": ROUTER, "in_interface": 1, "bytes": int(megabits * MEGABIT_MINUTE), "packets": 1}
    return {**life, **flow, **more}


def capacity(megabits_in: int, megabits_out: int | None = None) -> Capacity:
    exporter = address_from_text(ROUTER).to_bytes(16, "big")
    out = None if megabits_out is None else megabits_out * 1_000_000
    return Capacity(exporter, 1, megabits_in * 1_000_000, out)


def found(
    flows: Sequence[Row], *capacities: Capacity, time_range: TimeRange = TWO_HOURS, **words: Any
) -> list[dict[str, Any]]:
    query = Query(duplicates="all", **words)
    statement = links(query, time_range, minutes_of(time_range), capacities)
    names = [column.name for column in statement.columns]
    return [dict(zip(names, row, strict=True)) for row in run(statement, flows)]


def test_rates_of_minutes_in_and_out() -> None:
    flows = [minute(0, 6), minute(1, 2), minute(119, 1, in_interface=2, out_interface=1)]
    one, two = sorted(found(flows), key=lambda row: row["interface"])
    assert (one["in_peak_bps"], one["out_peak_bps"]) == (6_000_000, 1_000_000)
    assert (one["in_mean_bps"], one["bytes_in"]) == (8_000_000 // 120, 8 * MEGABIT_MINUTE)
    assert (one["in_last_bps"], one["out_last_bps"]) == (0, 200_000)
    assert (two["in_peak_bps"], two["bytes_out"]) == (1_000_000, 0)


def test_the_percentile_counts_silent_minutes() -> None:
    """Of 120 minutes the six busiest are given away."""
    six, seven = (found([minute(number, 5) for number in range(count)])[0] for count in (6, 7))
    assert (six["in_p95_bps"], seven["in_p95_bps"]) == (0, 5_000_000)


def test_how_long_a_link_was_nearly_full() -> None:
    loads = [(0, 8.5), (1, 9.5), (2, 8), (61, 9.1), (62, 10), (63, 8.1)]
    [row] = found([minute(*load) for load in loads], capacity(10))
    assert (row["minutes_above_80"], row["minutes_above_90"]) == (5, 3)
    assert (row["peak_utilisation"], row["p95_utilisation"]) == (1.0, 0.0)
    assert row["bottleneck_hours"] == [NOON + HOUR, NOON]


def test_each_direction_has_its_own_capacity() -> None:
    flows = [minute(0, 10), minute(1, 2, in_interface=2, out_interface=1)]
    row = next(row for row in found(flows, capacity(100, 2)) if row["interface"] == 1)
    assert (row["peak_utilisation"], row["minutes_above_90"]) == (1.0, 1)


def test_without_a_capacity_nothing_is_said_about_it() -> None:
    [row] = found([minute(0, 10)])
    unsaid = ("capacity_in", "p95_utilisation", "peak_utilisation", "minutes_above_80", "bottleneck_hours")
    assert {name: row[name] for name in unsaid} == dict.fromkeys(unsaid)


def test_the_fullest_first_and_unknown_ones_by_their_rate() -> None:
    flows = [minute(0, 1), minute(0, 5, in_interface=2), minute(0, 9, in_interface=3)]
    short = TimeRange(NOON, NOON + MINUTE)
    assert [row["interface"] for row in found(flows, capacity(1), time_range=short)] == [1, 3, 2]
    ordered = found(flows, time_range=short, order="bytes_in:asc", top=1)
    assert [row["interface"] for row in ordered] == [1]


def test_a_range_touches_whole_minutes() -> None:
    assert minutes_of(TimeRange(NOON, NOON + MINUTE + 1)).count == 2
    assert minutes_of(TimeRange(NOON, NOON)).count == 1
    with pytest.raises(ValueError, match="begin and an end"):
        minutes_of(TimeRange(None, NOON))


def test_what_links_cannot_be_ordered_by() -> None:
    with pytest.raises(QuestionError, match="colour"):
        found([], order="colour")
