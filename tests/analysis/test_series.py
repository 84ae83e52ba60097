from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.series import series
from tidegauge.clock.instant_text import instant_from_text, text_from_instant, zone_from_name
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

HOUR = 3600 * SECOND
LATER = NOON + 24 * HOUR
BERLIN = zone_from_name("Europe/Berlin")


def test_rows_carry_the_start_of_their_bucket(lake: Lake) -> None:
    answer = series(lake, Query(filter="tcp", step="2s"), LATER)
    assert answer.data == [
        {"time": "2026-01-01T12:00:00.000000000Z", "bytes": 6, "packets": 2, "flows": 1, "is_partial": False},
        {"time": "2026-01-01T12:00:02.000000000Z", "bytes": 4, "packets": 1, "flows": 0, "is_partial": False},
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


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_days_are_as_long_as_the_calendar_says(tmp_path: Path, day: str, hours: int) -> None:
    """A flow of a byte an hour through the days on which Berlin changes its clocks."""
    noon = instant_from_text(f"{day}T12:00Z")
    rows = [{"start": noon + n * HOUR, "end": noon + n * HOUR, "bytes": 1} for n in range(-48, 48)]
    lake = make_lake(tmp_path / "lake", rows)
    found = series(lake, Query(step="1d", time_zone="Europe/Berlin", metrics=("bytes",)), noon + 99 * HOUR)
    [row] = [row for row in found.data if row["time"] == text_from_instant(instant_from_text(day, BERLIN))]
    assert row["bytes"] == hours


def test_a_bucket_that_is_cut_or_not_over_is_marked(lake: Lake) -> None:
    def marks(since: str | None, until: str | None, now: int = LATER) -> list[bool]:
        query = Query(since=since, until=until, step="1m", metrics=("flows",))
        return [row["is_partial"] for row in series(lake, query, now).data]

    assert marks(None, None) == [False, False]
    assert marks("2026-01-01T12:00:01Z", None) == [True, False]
    assert marks(None, "2026-01-01T12:01:30Z") == [False, True]
    assert marks(None, None, NOON + 90 * SECOND) == [False, True]


def test_buckets_without_flows_may_have_rows(lake: Lake) -> None:
    query = Query(
        since="2026-01-01T12:00Z", until="2026-01-01T12:02Z", step="30s", fill=True, by=("protocol",),
        filter="udp",
        metrics=("bytes", "flows", "first_seen", "distinct_src_addr"),
    )  # fmt: skip
    found = [tuple(row.values())[:-1] for row in series(lake, query, LATER).data]
    assert found == [
        ("2026-01-01T12:00:00.000000000Z", 17, 0, 0, None, 0),
        ("2026-01-01T12:00:30.000000000Z", 17, 0, 0, None, 0),
        ("2026-01-01T12:01:00.000000000Z", 17, 100, 1, "2026-01-01T12:01:05.000000000Z", 1),
        ("2026-01-01T12:01:30.000000000Z", 17, 0, 0, None, 0),
    ]


def test_each_bucket_may_stand_beside_the_same_one_earlier(tmp_path: Path) -> None:
    yesterday = NOON - 24 * HOUR
    rows = [{"start": at, "end": at, "bytes": count, "src_port": port} for at, count, port in (
        (NOON, 1, 1), (NOON + HOUR, 2, 1),
        (yesterday, 10, 1), (yesterday + 2 * HOUR, 20, 1), (yesterday, 40, 2),
    )]  # fmt: skip
    query = Query(
        since="2026-01-01T12:00Z", until="2026-01-01T15:00Z", step="1h", compare="1d", by=("src_port",),
        top=1, metrics=("bytes", "flows"),
    )  # fmt: skip
    answer = series(make_lake(tmp_path / "lake", rows), query, LATER)
    shown = ("time", "bytes", "bytes_before", "flows_before")
    assert [tuple(row[name] for name in shown) for row in answer.data] == [
        ("2026-01-01T12:00:00.000000000Z", 1, 10, 1),
        ("2026-01-01T13:00:00.000000000Z", 2, None, 0),
        ("2026-01-01T14:00:00.000000000Z", None, 20, 1),
    ]
    assert answer.totals == {"bytes": 3, "flows": 2, "bytes_before": 70, "flows_before": 3}
    assert answer.other is not None
    assert (answer.other["bytes"], answer.other["bytes_before"]) == (None, 40)


def test_days_stand_beside_the_days_before_though_clocks_changed(tmp_path: Path) -> None:
    days = [instant_from_text(f"2026-03-{day}T00:00", BERLIN) for day in (27, 28, 29, 30)]
    rows = [{"start": day, "end": day, "bytes": n} for n, day in enumerate(days, 1)]
    query = Query(
        since="2026-03-29", until="2026-03-31", time_zone="Europe/Berlin", step="1d", compare="previous",
        metrics=("bytes",),
    )  # fmt: skip
    answer = series(make_lake(tmp_path / "lake", rows), query, LATER + 100 * 24 * HOUR)
    assert [(row["bytes"], row["bytes_before"]) for row in answer.data] == [(3, 1), (4, 2)]


def test_rows_that_having_refuses_are_part_of_the_rest(lake: Lake) -> None:
    answer = series(lake, Query(by=("protocol",), having="bytes >= 10"), LATER)
    assert [row["protocol"] for row in answer.data] == [6, 17]
    assert answer.other is not None
    assert answer.other["bytes"] == 5


@pytest.mark.parametrize("metric", ["peak_bps", "p95_bps", "share"])
def test_metrics_that_a_series_has_not(lake: Lake, metric: str) -> None:
    with pytest.raises(QuestionError, match="belongs to top"):
        series(lake, Query(metrics=("bytes", metric)), NOON)
