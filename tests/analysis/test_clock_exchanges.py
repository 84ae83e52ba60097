from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.analysis.test_clock_sightings import headers, rows_of
from tests.analysis.test_passings import EXPORTER, answer, asked, others, question
from tests.sample_lake import NOON, SECOND, add_segment, make_lake
from tidegauge.analysis.clock_exchanges import CUT
from tidegauge.analysis.clocks import clocks
from tidegauge.analysis.own_clock import RELATIVE
from tidegauge.flow.exchange import Exchange
from tidegauge.lab.header_clock import HeaderClock, locked
from tidegauge.query.question import Query
from tidegauge.store.engines.choice import engine_of
from tidegauge.store.exchanges import append
from tidegauge.store.lake import Lake

MILLISECOND = 1_000_000
BEGUN = NOON - 10 * SECOND
NUMBERS = range(10)
SKEW = "skew at most 100 ppm"
CAP = "delay at most 250 ms"


def records(offset: int, numbers: Sequence[int] = NUMBERS) -> list[dict[str, Any]]:
    return others() + [each(number, offset) for each in (question, answer) for number in numbers]


def told(
    path: Path,
    stamps: list[tuple[int, int]],
    flows: list[dict[str, Any]],
    exchanges: Sequence[Exchange] | None = None,
    query: Query | None = None,
) -> dict[str, Any]:
    lake = make_lake(path / "lake", flows)
    add_segment(lake, "sightings", list(rows_of(stamps, exporter=EXPORTER)))
    append(lake, [asked(number) for number in NUMBERS] if exchanges is None else exchanges, NOON)
    [row] = clocks(lake, query or Query(), NOON + 3600 * SECOND).data
    return row


def header_clock(offset: int, **changed: int) -> HeaderClock:
    return HeaderClock(origin=BEGUN, offset=offset, **changed)


@pytest.mark.parametrize("error", [300, -300])
def test_a_wrong_clock_is_bounded_to_milliseconds_without_a_delay_assumed(tmp_path: Path, error: int) -> None:
    stamps = headers(header_clock(error * SECOND), 600)
    row = told(tmp_path, stamps, records(error * SECOND))
    assert row["offset_low"] <= error <= row["offset_high"] <= row["offset_low"] + 0.005
    assert row["offset_low"] <= row["offset_seconds"] <= row["offset_high"]
    assert (row["state"], row["method"]) == ("wrong", "two-way (10 exchanges)")
    assert row["assumptions"] == [SKEW, CUT, RELATIVE]


def test_the_collectors_own_bound_stands_in_for_the_assumption_that_it_is_right(tmp_path: Path) -> None:
    exchanges = [asked(number, clock_bound=MILLISECOND) for number in NUMBERS]
    row = told(tmp_path, headers(header_clock(0), 600), records(0), exchanges)
    assert row["assumptions"] == [SKEW, CUT]
    assert row["offset_high"] - row["offset_low"] > 0.002


def test_a_sender_that_hides_its_second_is_found_by_our_packets(tmp_path: Path) -> None:
    clock = header_clock(100 * MILLISECOND)
    stamps = [*headers(clock, 1), *clock.stamps(locked(BEGUN, 900, 0.3), Random(1))]
    row = told(tmp_path, stamps, records(100 * MILLISECOND))
    assert (row["state"], row["method"]) == ("wrong", "two-way (10 exchanges)")
    assert row["offset_low"] <= 0.1 <= row["offset_high"] <= row["offset_low"] + 0.01


def test_delays_beyond_the_cap_do_no_harm_once_our_packets_tell(tmp_path: Path) -> None:
    """All headers are 2 s old when they come: from one side the clock looks slow."""
    row = told(tmp_path, headers(header_clock(0, least_delay=2 * SECOND), 600), records(0))
    assert row["offset_low"] <= 0 <= row["offset_high"] <= row["offset_low"] + 0.005
    assert row["method"] == "two-way (10 exchanges)"


@pytest.mark.parametrize("ahead", [300, -300])
def test_headers_that_tell_another_time_than_records_are_told_apart(tmp_path: Path, ahead: int) -> None:
    row = told(tmp_path, headers(header_clock(ahead * SECOND), 600), records(0))
    assert row["offset_low"] == pytest.approx(ahead, abs=1.3)
    assert "its records tell another time, off between -0.00" in row["note"]
    assert row["method"] == "fitted to headers"


def test_exchanges_of_an_earlier_epoch_do_not_bound_this_one(tmp_path: Path) -> None:
    """The clock is put right after five minutes: what our packets told before is of the clock as it was."""
    later = HeaderClock(origin=NOON + 296 * SECOND)
    stamps = headers(header_clock(300 * SECOND), 305) + headers(later, 600)
    flows = others() + [
        each(number, 300 * SECOND if number < 5 else 0) for each in (question, answer) for number in NUMBERS
    ]
    row = told(tmp_path, stamps, flows)
    assert (row["state"], row["method"]) == ("stepped", "two-way (5 exchanges)")
    assert row["offset_low"] <= 0 <= row["offset_high"] <= row["offset_low"] + 0.012


def test_the_first_header_of_all_may_come_after_the_exchanges(tmp_path: Path) -> None:
    late = NOON + 600 * SECOND
    row = told(tmp_path, [(late, late - 300 * SECOND)], records(-300 * SECOND))
    assert (row["state"], row["method"]) == ("wrong", "two-way (10 exchanges)")
    assert row["offset_low"] <= -300 <= row["offset_high"] <= row["offset_low"] + 0.02


def test_a_range_is_of_arrivals_and_exchanges_whatever_the_records_tell(tmp_path: Path) -> None:
    query = Query(since="2026-01-01T12:02:50", until="2026-01-01T12:08")
    row = told(tmp_path, headers(header_clock(-86_400 * SECOND), 600), records(-86_400 * SECOND), query=query)
    assert row["method"] == "two-way (5 exchanges)"


def test_without_exchanges_nothing_changes(tmp_path: Path) -> None:
    row = told(tmp_path, headers(header_clock(0), 600), records(0), [])
    assert (row["method"], row["assumptions"]) == ("fitted to headers", [CAP, SKEW, RELATIVE])


def test_a_lake_in_clickhouse_is_not_asked_for_our_packets(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegauge.analysis.clocks.exchanges_by_clock", None)
    for room in ("reading", "clock_stretches"):
        monkeypatch.setattr(f"tidegauge.analysis.{room}.engine_of", partial(_engine_of_files, engine_of))
    lake.clickhouse = "http://elsewhere"
    assert clocks(lake, Query(), NOON).data


def _engine_of_files(make: Any, *given: Any, **named: Any) -> Any:
    return make(*given, **named | {"clickhouse": ""})
