from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.oracle import life
from tests.query.running import run
from tests.query.test_ranking import flows
from tests.sample_lake import NOON, SECOND
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.spreading import share
from tidegauge.query.buckets import series, series_over
from tidegauge.query.question import Query
from tidegauge.query.ruler import ruler
from tidegauge.query.traits import Traits

HOUR = 3600 * SECOND


def ask(
    query: Query, rows: list[dict[str, Any]], time_range: TimeRange | None = None
) -> list[tuple[Any, ...]]:
    return run(series(query, time_range or TimeRange()), rows)


def stretched(row: dict[str, Any]) -> dict[str, Any]:
    """The same flow on a scale where a second is what a nanosecond was."""
    moved = {name: NOON + (row[name] - NOON) * SECOND for name in ("start", "end", "received") if name in row}
    return {**row, **{name: max(instant, NOON - HOUR) for name, instant in moved.items()}}


@given(
    st.lists(flows, max_size=5), st.sampled_from(["1s", "7s", "1m"]), st.integers(0, 9), st.integers(1, 20)
)
@settings(max_examples=40, deadline=None)
def test_buckets_hold_what_the_definition_says(
    rows: list[dict[str, Any]], step: str, since: int, width: int
) -> None:
    rows = [stretched(row) for row in rows]
    first, last = NOON + since * SECOND, NOON + (since + width) * SECOND
    size = {"1s": 1, "7s": 7, "1m": 60}[step] * SECOND
    found = ask(Query(step=step, metrics=("bytes", "flows")), rows, TimeRange(first, last))
    for time, counted, _, _ in found:
        cut = (max(time, first), min(time + size, last))
        assert counted == sum(share(row["bytes"], *life(row), *cut) for row in rows)
    inside = [row for row in rows if life(row)[0] < last and life(row)[1] >= first]
    assert sum(row[1] for row in found) == sum(share(row["bytes"], *life(row), first, last) for row in inside)
    assert sum(row[2] for row in found) == len(inside)


def test_a_flow_counts_once_where_it_starts() -> None:
    row = {"start": NOON, "end": NOON + 3 * SECOND, "bytes": 10, "packets": 1}
    assert [found[1:4:2] for found in ask(Query(step="1s"), [row])] == [(3, 1), (3, 0), (4, 0)]


def test_a_flow_counts_once_also_where_no_record_has_two_directions() -> None:
    rows = [{"start": NOON, "end": NOON + 3 * SECOND, "bytes": 6}]
    marks = ruler(SECOND, "UTC", TimeRange())
    found = run(series_over(Query(), TimeRange(), marks, traits=Traits(has_reverse=False)), rows)
    assert [flows for _, _, _, flows, _ in found] == [1, 0, 0]


def test_the_largest_groups_keep_their_rows_and_the_rest_share_one() -> None:
    rows = [
        {"start": NOON + n * SECOND, "end": NOON + n * SECOND, "src_port": port, "bytes": port}
        for n in (0, 60)
        for port in (1, 2, 30)
    ]
    found = ask(Query(by=("src_port",), metrics=("bytes",), top=1), rows)
    assert found == [
        (NOON, 30, 30, False), (NOON + 60 * SECOND, 30, 30, False),
        (NOON, None, 3, True), (NOON + 60 * SECOND, None, 3, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "zone", "first"),
    [
        ("60s", "UTC", "2026-01-01T12:00Z"),
        ("1h", "Asia/Kolkata", "2026-01-01T11:30Z"),
        ("1d", "Europe/Berlin", "2025-12-31T23:00Z"),
        ("1w", "UTC", "2025-12-29T00:00Z"),
    ],
)
def test_buckets_begin_where_the_local_clock_is_round(step: str, zone: str, first: str) -> None:
    [row] = run(series(Query(step=step, time_zone=zone), TimeRange(), NOON), [{"received": NOON, "bytes": 1}])
    assert row[0] == instant_from_text(first)


def test_what_is_counted_by_value_is_counted_in_each_bucket_it_lives_in() -> None:
    rows = [
        {"start": NOON, "end": NOON + 90 * SECOND, "src_port": 1},
        {"start": NOON + 60 * SECOND, "end": NOON + 61 * SECOND, "src_port": 2},
    ]
    metrics = ("distinct_src_port", "first_seen", "last_seen", "sessions", "seconds_in_use")
    minute = NOON + 60 * SECOND
    assert ask(Query(metrics=metrics), rows) == [
        (NOON, 1, NOON, minute, 1, 60, False), (minute, 2, minute, NOON + 90 * SECOND, 1, 30, False),
    ]  # fmt: skip


def test_the_largest_groups_by_what_does_not_add_up() -> None:
    rows = [
        {"start": NOON + n * 60 * SECOND, "end": NOON + n * 60 * SECOND, "src_port": port, "dst_port": to}
        for port, to, n in ((1, 7, 0), (1, 7, 1), (1, 7, 2), (2, 7, 0), (2, 8, 0))
    ]
    query = Query(by=("src_port",), metrics=("distinct_dst_port",), top=1)
    assert ask(query, rows) == [
        (NOON, 2, 2, False),
        *((NOON + n * 60 * SECOND, None, None, True) for n in range(3)),
    ]


def test_a_year_old_flow_makes_no_year_of_rows() -> None:
    rows = [{"start": 0, "end": NOON, "bytes": 48, "packets": 1}]
    assert [row[1] for row in ask(Query(step="1h"), rows)] == [2] * 24
