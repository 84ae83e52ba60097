"""Metrics that are no sums, against the definition in plain Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.oracle import busy, counted_distinct, life, rate
from tests.query.running import run
from tests.sample_lake import NOON, SECOND
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.groups import same_keys
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking, totals

MINUTE = 60 * SECOND
METRICS = (
    "flows", "distinct_src_port", "first_seen", "last_seen", "peak_bps", "p95_bps", "sessions",
    "seconds_in_use",
)  # fmt: skip

moments = st.integers(-5, 40).map(lambda minutes: NOON + minutes * MINUTE // 2)
flows = st.fixed_dictionaries(
    {"received": moments, "bytes": st.integers(0, 10**6), "protocol": st.sampled_from([6, 17, None])},
    optional={"start": moments, "end": moments, "src_port": st.integers(1, 3)},
)


def expected(rows: list[dict[str, Any]], since: int, until: int) -> tuple[Any, ...]:
    """All metrics of some flows, worked out slowly."""
    spans = [(max(start, since), min(end, until)) for start, end in map(life, rows)]
    sessions, seconds = busy(spans)
    return (
        len(rows), counted_distinct(rows, "src_port"), min(a for a, _ in spans), max(b for _, b in spans),
        rate(rows, since, until, MINUTE, 100), rate(rows, since, until, 5 * MINUTE, 95), sessions, seconds,
    )  # fmt: skip


@given(st.lists(flows, max_size=8), st.integers(0, 10), st.integers(1, 15))
@settings(max_examples=60, deadline=None)
def test_every_metric_is_what_its_definition_says(rows: list[dict[str, Any]], since: int, width: int) -> None:
    first, last = NOON + since * MINUTE, NOON + (since + width) * MINUTE + 1
    inside = [row for row in rows if life(row)[0] < last and life(row)[1] >= first]
    query = Query(by=("protocol",), metrics=METRICS, top=0)
    found = {row[0]: row[1:] for row in run(ranking(query, TimeRange(first, last)), rows)}
    groups = {row["protocol"] for row in inside}
    assert found == {
        group: expected([row for row in inside if row["protocol"] == group], first, last) for group in groups
    }
    whole = run(totals(query, TimeRange(first, last)), rows)[0][: len(METRICS)]
    if inside:
        assert whole == expected(inside, first, last)
    else:
        assert whole == (None, 0, None, None, None, 0, 0, None)


@given(st.lists(flows, min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_an_open_range_reaches_as_far_as_the_flows(rows: list[dict[str, Any]]) -> None:
    query = Query(by=("exporter",), metrics=METRICS)
    begin, end = min(life(row)[0] for row in rows), max(life(row)[1] for row in rows)
    assert run(ranking(query, TimeRange()), rows)[0][1:] == expected(rows, begin, end + 1)


def test_a_step_may_be_named() -> None:
    rows = [{"start": NOON, "end": NOON + 10 * SECOND, "bytes": 100}]
    query = Query(by=("protocol",), metrics=("peak_bps", "p95_bps"), step="10s")
    assert run(ranking(query, TimeRange()), rows) == [(None, 80, 80)]


def test_groups_of_nobody_are_groups() -> None:
    somebody = {"bytes": 1, "received": NOON, "src_addr": "10.0.0.1"}
    rows: list[dict[str, Any]] = [somebody, {"bytes": 2, "received": NOON}]
    query = Query(by=("src_addr", "user"), metrics=("bytes", "sessions", "peak_bps"))
    assert [row[2:] for row in run(ranking(query, TimeRange()), rows)] == [(2, 1, 0), (1, 1, 0)]


def test_groups_can_be_ordered_by_any_metric() -> None:
    rows = [
        {"src_port": port, "start": NOON, "end": NOON + port * MINUTE, "bytes": 10 - port}
        for port in (1, 2, 3)
    ]
    for metric in ("seconds_in_use", "last_seen"):
        query = Query(by=("src_port",), metrics=("bytes", metric), order=metric)
        assert [row[0] for row in run(ranking(query, TimeRange()), rows)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("keys", "condition"),
    [((), "TRUE"), (("k0", "k1"), "a.k0 IS NOT DISTINCT FROM b.k0 AND a.k1 IS NOT DISTINCT FROM b.k1")],
)
def test_absent_keys_are_equal(keys: tuple[str, ...], condition: str) -> None:
    assert same_keys(keys, "a", "b") == condition
