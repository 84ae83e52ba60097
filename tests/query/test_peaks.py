from __future__ import annotations

import pytest

from tests.query.running import run
from tests.sample_lake import NOON, SECOND
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.buckets import series
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking

HOUR = 3600 * SECOND


def rates(octets: list[int], until: int) -> tuple[int, int]:
    """Peak and percentile of flows that lie in one minute each."""
    rows = [
        {"start": NOON + n * 60 * SECOND, "end": NOON + n * 60 * SECOND, "bytes": count}
        for n, count in enumerate(octets)
    ]
    query = Query(by=("protocol",), metrics=("peak_bps", "p95_bps"), step="60s")
    [(_, peak, percentile)] = run(ranking(query, TimeRange(NOON, NOON + until)), rows)
    return peak * 60 // 8, percentile * 60 // 8


def test_of_twenty_moments_the_second_highest_is_the_percentile() -> None:
    assert rates([60 * n for n in range(1, 21)], 1200 * SECOND) == (1200, 1140)


def test_of_fewer_it_is_the_highest() -> None:
    assert rates([60, 600, 120], 180 * SECOND) == (600, 600)


def test_moments_without_traffic_count() -> None:
    assert rates([600, 60], HOUR) == (600, 0)
    assert rates([60 * n for n in range(1, 5)], HOUR) == (240, 60)


def test_the_peak_is_the_largest_bucket_of_the_series() -> None:
    rows = [{"start": NOON - 7 * SECOND, "end": NOON + 200 * SECOND, "bytes": 12_345_678}]
    time_range = TimeRange(NOON - 3 * SECOND, NOON + 100 * SECOND)
    buckets = run(series(Query(metrics=("bytes",)), time_range), rows)
    [(_, peak)] = run(ranking(Query(by=("protocol",), metrics=("peak_bps",)), time_range), rows)
    assert peak == max(row[1] for row in buckets) * 8 // 60


@pytest.mark.parametrize(("metric", "bits"), [("peak_bps", 8), ("p95_bps", 1)])
def test_the_usual_moments(metric: str, bits: int) -> None:
    rows = [{"start": NOON, "end": NOON, "bytes": 60}]
    query = Query(by=("protocol",), metrics=(metric,))
    assert run(ranking(query, TimeRange(NOON, NOON + HOUR // 12)), rows) == [(None, bits)]
