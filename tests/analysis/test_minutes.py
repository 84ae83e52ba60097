from __future__ import annotations

import duckdb
import pytest

from tests.sample_lake import NOON, SECOND
from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.clock.timerange import TimeRange

NEXT = NOON + 60 * SECOND


@pytest.mark.parametrize(
    ("since", "until", "is_in"),
    [
        (None, None, True),
        (NEXT - 1, None, True),
        (NEXT, None, False),
        (None, NOON + 1, True),
        (None, NOON, False),
        (NOON + 1, NOON + 2, True),
    ],
)
def test_a_minute_is_in_when_it_overlaps(since: int | None, until: int | None, is_in: bool) -> None:
    sql = f"SELECT {IN_RANGE} FROM (SELECT make_timestamp_ns({NOON}) AS minute)"
    assert duckdb.execute(sql, range_values(TimeRange(since, until))).fetchone() == (is_in,)
