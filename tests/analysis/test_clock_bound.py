from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.conftest import ledger_row
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.clock_bound import ClockBound, bounds_about, clock_bounds, clock_of, clock_sentence
from tidegauge.analysis.clock_correction import Residual
from tidegauge.analysis.flows import flows
from tidegauge.analysis.top import top
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.parser import parse
from tidegauge.query.question import Query
from tidegauge.store.engines.duckdb import Engine

RIGHT = ClockBound("192.0.2.1", 1, -0.9, 0.3)
FAST = ClockBound("192.0.2.9", 1, 299.2, 300.25)
SLOW = ClockBound("192.0.2.8", 1, -61.0, -60.5)
SILENT = ClockBound("192.0.2.7", 1, None, None)
ONE_SIDED = ClockBound("192.0.2.6", 1, -0.5, None)


def bounds(path: Path, *rows: dict[str, Any], until: int | None = None) -> list[ClockBound]:
    with make_lake(path / "lake", ledger=rows).generation() as generation, Engine(generation) as engine:
        return clock_bounds(engine, TimeRange(None, until))


def test_a_bound_is_the_tightest_of_its_minutes(tmp_path: Path) -> None:
    loose = ledger_row(clock_low=-3 * SECOND, clock_high=9 * SECOND)
    tight = ledger_row(minute=NOON + 60 * SECOND, clock_low=-SECOND // 2, clock_high=SECOND // 4)
    [bound] = bounds(tmp_path, loose, tight)
    assert bound == ClockBound("192.0.2.9", 1, -0.5, 0.5)


def test_minutes_outside_the_range_do_not_count(tmp_path: Path) -> None:
    assert bounds(tmp_path, ledger_row(clock_low=0, clock_high=0), until=NOON) == []


@pytest.mark.parametrize(
    ("found", "low", "high"),
    [
        ([], None, None),
        ([RIGHT], -0.9, 0.3),
        ([RIGHT, FAST, SLOW], -61.0, 300.25),
        ([RIGHT, ONE_SIDED], -0.9, None),
        ([RIGHT, SILENT], None, None),
    ],
)
def test_all_clocks_lie_between_the_widest_bounds(
    found: list[ClockBound], low: float | None, high: float | None
) -> None:
    assert (clock_of(found)["offset_low"], clock_of(found)["offset_high"]) == (low, high)


def test_a_clock_that_was_set_had_every_offset_between() -> None:
    was_set = ClockBound("192.0.2.5", 1, 299.2, 0.3)
    assert was_set.is_contradiction
    assert clock_of([was_set]) == {
        "offset_low": 0.3,
        "offset_high": 299.2,
        "off": [was_set._asdict() | {"corrected": False, "corrected_within": None}],
        "matters": True,
    }


def test_what_is_corrected_is_off_no_more_than_what_is_left() -> None:
    residuals = {FAST.key: Residual(early=50_000_000, late=200_000_000)}
    clock = clock_of([RIGHT, FAST, SLOW._replace(offset_low=-0.5, offset_high=0.1)], residuals)
    assert (clock["offset_low"], clock["offset_high"]) == (-0.9, 0.3)
    assert clock_of([FAST], residuals)["offset_low"] == -0.2
    told = clock_sentence(clock_of([FAST, SLOW], residuals))
    assert told == (
        "clocks: 192.0.2.8 is at least 60.5 s slow; its flows carry the times it told;"
        " 192.0.2.9 is at least 299.2 s fast; its flow times are put right to within 200 ms"
    )
    unbounded = clock_of([FAST], {FAST.key: Residual(None, 0)})
    assert unbounded["offset_high"] is None
    assert clock_sentence(unbounded).endswith("its flow times are put right")


def test_only_what_is_proven_off_is_told() -> None:
    assert clock_of([RIGHT, SILENT, ONE_SIDED])["off"] == []
    assert clock_sentence(clock_of([RIGHT])) == ""
    assert clock_sentence({}) == "", "an answer about no clock"
    told = clock_sentence(clock_of([RIGHT, FAST, SLOW]))
    assert told == (
        "clocks: 192.0.2.9 is at least 299.2 s fast, 192.0.2.8 is at least 60.5 s slow;"
        " their flows carry the times they told"
    )


def test_where_no_time_takes_part_nothing_is_said(tmp_path: Path) -> None:
    assert clock_sentence(clock_of([FAST], matters=False)) == ""
    lake = make_lake(tmp_path / "lake", ledger=[ledger_row()])
    assert clock_sentence(top(lake, Query(by=("src_addr",)), NOON).clock) == ""
    assert "fast" in clock_sentence(top(lake, Query(by=("src_addr",), since="now-1h"), NOON).clock)
    assert "fast" in clock_sentence(flows(lake, Query(), NOON).clock)


@pytest.mark.parametrize(
    ("filter_", "left"),
    [
        ("any", [RIGHT, FAST]),
        ("bytes > 5", [RIGHT, FAST]),
        ("exporter 192.0.2.9", [FAST]),
        ("exporter 192.0.2.0/29 and proto tcp", [RIGHT]),
        ("not exporter 192.0.2.9", [RIGHT, FAST]),
        ("exporter 192.0.2.9 or proto tcp", [RIGHT, FAST]),
    ],
)
def test_clocks_of_exporters_that_were_not_asked_about_are_left_out(
    filter_: str, left: list[ClockBound]
) -> None:
    assert bounds_about([RIGHT, FAST], parse(filter_).term) == left


def test_a_long_list_of_clocks_is_cut_short() -> None:
    many = [FAST._replace(exporter=f"192.0.2.{number}") for number in range(5)]
    assert clock_sentence(clock_of(many)).count("192.0.2.") == 3
    assert "2 more are off" in clock_sentence(clock_of(many))


def test_an_answer_that_comes_from_no_lake_says_nothing_of_clocks() -> None:
    assert clock_sentence({}) == ""
