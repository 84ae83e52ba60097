from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import SECOND
from tests.traffic import DAY, SINCE, Flow, lake_of
from tidegauge.analysis.stretch import stretches
from tidegauge.clock.timerange import TimeRange
from tidegauge.store.engines.duckdb import Engine

MIDNIGHT = SINCE - 9 * 3600 * SECOND
DAYS = DAY * SECOND


def cut(path: Path, seconds: list[float], time_range: TimeRange, flows: int) -> list[tuple[int, int]]:
    rows = [Flow("10.0.0.1", "10.0.0.2", 1, 2, second=second) for second in seconds]
    with lake_of(path / "lake", rows).generation() as generation, Engine(generation) as engine:
        return stretches(engine, time_range, flows)


def test_few_flows_are_one_stretch_however_long(tmp_path: Path) -> None:
    found = cut(tmp_path, [0, DAY, 4000 * DAY], TimeRange(), 3)
    assert found == [(MIDNIGHT, MIDNIGHT + 4001 * DAYS)]


def test_many_flows_are_cut_where_a_day_ends(tmp_path: Path) -> None:
    found = cut(tmp_path, [0, 1, 2, DAY, DAY + 1, 9 * DAY], TimeRange(), 3)
    assert found == [(MIDNIGHT, MIDNIGHT + DAYS), (MIDNIGHT + DAYS, MIDNIGHT + 10 * DAYS)]


def test_a_single_day_is_never_cut(tmp_path: Path) -> None:
    assert cut(tmp_path, [0, 1, 2, 3], TimeRange(), 2) == [(MIDNIGHT, MIDNIGHT + DAYS)]


def test_days_begin_where_the_range_does_and_end_with_it(tmp_path: Path) -> None:
    time_range = TimeRange(SINCE, SINCE + DAYS + 5 * SECOND)
    found = cut(tmp_path, [-1, 0, DAY - 1, DAY + 1, DAY + 6], time_range, 2)
    assert found == [(SINCE, SINCE + DAYS), (SINCE + DAYS, SINCE + DAYS + 5 * SECOND)]


@pytest.mark.parametrize("seconds", [[], [-10]])
def test_a_range_without_flows_has_none(tmp_path: Path, seconds: list[float]) -> None:
    assert cut(tmp_path, seconds, TimeRange(SINCE, SINCE + DAYS), 2) == []
