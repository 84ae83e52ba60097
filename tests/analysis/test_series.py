from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, make_lake
from tidegauge.analysis.series import series
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_rows_carry_the_start_of_their_bucket(lake: Lake) -> None:
    answer = series(lake, Query(filter="tcp", step="2s"), NOON)
    assert answer.data == [
        {"time": "2026-01-01T12:00:00.000000000Z", "bytes": 6, "packets": 2, "flows": 1},
        {"time": "2026-01-01T12:00:02.000000000Z", "bytes": 4, "packets": 1, "flows": 0},
    ]
    assert answer.totals == {"bytes": 10, "packets": 3, "flows": 1}


def test_the_rest_is_told_by_bucket(lake: Lake) -> None:
    answer = series(lake, Query(by=("protocol",), top=1), NOON)
    assert [row["protocol"] for row in answer.data] == [17]
    assert answer.other == {
        "bytes": 15, "packets": 4, "flows": 2,
        "rows": [
            {"time": "2026-01-01T12:00:00.000000000Z", "bytes": 10, "packets": 3, "flows": 1},
            {"time": "2026-01-01T12:01:00.000000000Z", "bytes": 5, "packets": 1, "flows": 1},
        ],
    }  # fmt: skip
    assert "is_other" not in [column["name"] for column in answer.columns]


def test_an_empty_lake_has_an_answer(empty_lake: Lake) -> None:
    assert series(empty_lake, Query(by=("protocol",), top=3), NOON).data == []


def test_days_of_an_open_range_begin_at_the_midnight_of_then(tmp_path: Path) -> None:
    """London kept summer time all through 1970, which must not move its winters since."""
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    [row] = series(lake, Query(step="1d", time_zone="Europe/London"), NOON).data
    assert row["time"] == "2026-01-01T00:00:00.000000000Z"


@pytest.mark.parametrize(
    ("step", "zone", "told"), [("1d", "Europe/Berlin", 1), ("1h", "Europe/Berlin", 0), ("1d", "UTC", 0)]
)
def test_buckets_that_leave_the_local_clock_are_told(tmp_path: Path, step: str, zone: str, told: int) -> None:
    days = [instant_from_text(f"2026-03-{day}T12:00Z") for day in (28, 30)]
    lake = make_lake(tmp_path / "lake", [{"received": day, "bytes": 1} for day in days])
    answer = series(lake, Query(step=step, time_zone=zone), NOON)
    assert [warning.startswith(f"{zone} changes its offset") for warning in answer.warnings] == [True] * told
