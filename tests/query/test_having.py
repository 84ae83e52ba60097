from __future__ import annotations

from typing import Any

import pytest

from tests.query.running import run
from tests.sample_lake import NOON, SECOND
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.error import FilterError
from tidegauge.query.having import MAX_DEPTH
from tidegauge.query.question import Query
from tidegauge.query.ranking import ranking

ROWS = [
    {"src_addr": f"10.0.{port}.1", "src_port": port, "bytes": port * 1000, "received": NOON + port * SECOND}
    for port in (1, 2, 3)
]


def ports(having: str, by: tuple[str, ...] = ("src_port",), **more: Any) -> list[int]:
    query = Query(by=by, having=having, order="src_port:asc", **more)
    return [row[by.index("src_port")] for row in run(ranking(query, TimeRange()), ROWS)]


@pytest.mark.parametrize(
    ("having", "expected"),
    [
        ("", [1, 2, 3]),
        ("bytes > 1k", [2, 3]),
        ("BYTES >= 2000 and flows = 1", [2, 3]),
        ("bytes < 2k or bytes > 2k and not flows > 1", [1, 3]),
        ("not (bytes < 2k or bytes > 2k)", [2]),
        ("srcport in [1, 3]", [1, 3]),
        ("bytes != 2000", [1, 3]),
        ("bytes 1000-2000", [1, 2]),
        ("packets = null", [1, 2, 3]),
        ("packets > 0", []),
    ],
)
def test_groups_are_chosen_by_what_they_came_to(having: str, expected: list[int]) -> None:
    assert ports(having) == expected


def test_keys_are_compared_as_in_a_filter() -> None:
    by = ("src_addr", "src_port")
    assert ports("src_addr 10.0.1.0/24 or src_addr = 10.0.3.1", by) == [1, 3]
    assert ports("src_addr 10.0.2.0/24", ("src_addr/24", "src_port")) == [2]


def test_metrics_of_time_are_compared_with_times() -> None:
    metrics = ("first_seen", "distinct_src_addr")
    assert ports("first_seen > 2026-01-01T12:00:01Z", metrics=metrics) == [2, 3]
    assert ports("distinct_src_addr > 1", metrics=metrics) == []


def test_the_limit_counts_what_is_left() -> None:
    assert ports("bytes < 3k", top=1) == [1]


@pytest.mark.parametrize(
    ("having", "column", "told"),
    [
        ("bytes > 1M and colour < 2", 16, "a column of the answer"),
        ("bytes > ", 9, "a number"),
        ("bytes > x", 9, "'x' is no number"),
        ("bytes like x", 7, "takes"),
        ("(bytes > 1", 11, "to close"),
        ("bytes > 1 flows > 1", 11, "and, or, or the end"),
        ("dst_port = 1", 1, "a column of the answer"),
        ("(" * (MAX_DEPTH + 1), MAX_DEPTH + 1, "are open here"),
    ],
)
def test_a_mistake_is_pointed_at(having: str, column: int, told: str) -> None:
    with pytest.raises(FilterError, match=told) as caught:
        ports(having)
    assert (caught.value.column, caught.value.text) == (column, having)
