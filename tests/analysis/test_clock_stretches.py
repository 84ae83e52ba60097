from __future__ import annotations

from pathlib import Path

import pytest

from tests.clocked_exporter import DECEMBER, HOUR, SECOND, ClockedExporter, clocked_lake
from tidegauge.analysis import clock_stretches as module
from tidegauge.analysis.clock_stretches import clock_stretches
from tidegauge.analysis.own_clock import own_clock
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.clock_judgement import ClockJudgement
from tidegauge.flow.clock_stretch import ClockStretch
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake
from tidegauge.store.moment import Moment
from tidegauge.store.own_clock import JudgementWriter

MILLISECOND = 1_000_000
ALL = TimeRange()
RIGHT = ClockedExporter(address="192.0.2.1", version="ipfix", offsets=[(DECEMBER, 0)])
FAST = ClockedExporter(address="192.0.2.2", version="ipfix", offsets=[(DECEMBER, 300 * SECOND)])
AGES = ClockedExporter(address="192.0.2.3", version="netflow9", offsets=[(DECEMBER, -300 * SECOND)])
STEP = DECEMBER + 3900 * SECOND
SET = ClockedExporter(
    address="192.0.2.4", version="ipfix", offsets=[(DECEMBER, 300 * SECOND), (STEP, 100 * SECOND)]
)


def found_in(lake: Lake, time_range: TimeRange = ALL, *, everyone: bool = False) -> tuple[ClockStretch, ...]:
    with lake.generation() as generation, Engine(generation) as engine:
        return clock_stretches(engine, lake, generation, time_range, everyone=everyone)


def test_only_doubted_clocks_are_followed_unless_all_are_to_be(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [RIGHT, FAST], hours=0.1)
    address = lambda number: bytes.fromhex(f"00000000000000000000ffffc000020{number}")  # noqa: E731
    assert {each.exporter for each in found_in(lake)} == {address(2)}
    assert {each.exporter for each in found_in(lake, everyone=True)} == {address(1), address(2)}


def test_a_stretch_says_what_else_speaks_for_it(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [FAST, AGES], hours=0.3)
    fast, ages = found_in(lake)
    assert abs(fast.stretch.first - 300 * SECOND) < 10 * MILLISECOND
    assert fast.latest_record is not None
    assert 290 * SECOND < fast.latest_record <= 300 * SECOND
    assert fast.age_quantum is None
    assert ages.latest_record is None
    assert ages.age_quantum == MILLISECOND
    assert not ages.has_even_ages


def test_hours_are_worked_out_one_by_one_and_agree(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [SET], hours=2.2)
    found = found_in(lake)
    borders = [(each.stretch.since, each.stretch.until) for each in found]
    assert borders[0][0] == DECEMBER
    assert [until for _, until in borders[:-1]] == [since for since, _ in borders[1:]]
    before = [each for each in found if each.stretch.until <= STEP + 60 * SECOND]
    after = [each for each in found if each not in before]
    for part, offset in ((before, 300), (after, 100)):
        assert part
        assert all(abs(each.stretch.first - offset * SECOND) < 20 * MILLISECOND for each in part)
    [set_] = [each for each in found if each.former is not None]
    assert set_ is after[0]
    assert set_.former is not None
    assert abs(set_.former.stretch.last - 300 * SECOND) < 20 * MILLISECOND
    # What arrived in the hour before may claim to be later, as the clock was ahead.
    later = found_in(lake, TimeRange(DECEMBER + 2 * HOUR, None))
    assert later == tuple(each for each in found if each.stretch.since >= DECEMBER + HOUR)
    past_that = found_in(lake, TimeRange(DECEMBER + 2 * HOUR + 300 * SECOND, None))
    assert past_that == tuple(each for each in found if each.stretch.since >= DECEMBER + 2 * HOUR)


def test_they_are_as_wide_as_our_own_clock_may_have_been_off(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [FAST], hours=0.1)
    [plain] = found_in(lake)
    (lake.path / "clock_stretches" / "2026-12-01.json").unlink()
    writer = JudgementWriter(lake)
    writer.append(ClockJudgement(at=DECEMBER, judge="kernel", low=-3 * SECOND, high=5 * SECOND))
    own = own_clock(lake, DECEMBER, DECEMBER + HOUR)
    assert own is not None
    assert own.low is not None
    [wide] = found_in(lake)
    assert (wide.stretch.below or 0) - (plain.stretch.below or 0) == own.high
    assert (wide.stretch.above or 0) - (plain.stretch.above or 0) == -own.low


def test_a_server_remembers_what_lies_in_the_tail(tmp_path: Path) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [FAST], hours=0.1)
    lake.stock = Stock()
    first = found_in(lake)
    (lake.path / "clock_stretches" / "2026-12-01.json").unlink()
    [again] = found_in(lake)
    assert again is first[0]


def test_a_page_is_told_those_of_the_tail_again_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, _ = clocked_lake(tmp_path / "lake", [FAST], hours=0.1)
    with lake.generation() as generation:
        [level] = {segment.level for segment in generation.segments("sightings")}
    monkeypatch.setattr(module, "TAIL", level)
    lake.stock = Stock()

    def seen_at(now: int) -> ClockStretch:
        lake.moment = Moment(lake.path, now)
        [stretch] = found_in(lake)
        return stretch

    first = seen_at(DECEMBER + HOUR)
    wider = ClockJudgement(at=DECEMBER, judge="kernel", low=-3 * SECOND, high=5 * SECOND)
    JudgementWriter(lake).append(wider)
    assert seen_at(DECEMBER + HOUR) is first
    assert seen_at(DECEMBER + 2 * HOUR).stretch.below != first.stretch.below
