from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.oracle import counted
from tests.query.running import run
from tests.sample_lake import NOON, SECOND
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.error import FilterError, QuestionError
from tidegauge.query.question import Query
from tidegauge.query.ranking import extent, ranking, ranking_with_whole, reported_extent, totals

EVER = TimeRange()
BIFLOW = {
    "received": NOON, "start": NOON, "end": NOON, "src_addr": "10.0.0.1", "dst_addr": "192.0.2.1",
    "src_port": 1024, "dst_port": 443, "bytes": 7, "packets": 1, "reverse_bytes": 100, "reverse_packets": 2,
}  # fmt: skip

instants = st.integers(NOON - 5, NOON + 25) | st.just(NOON - 3 * MAX_FLOW_AGE)
flows = st.fixed_dictionaries(
    {"received": instants, "bytes": st.integers(0, 2**64 - 1), "protocol": st.sampled_from([1, 6, 17, None])},
    optional={"start": instants, "end": instants},
)


def ask(query: Query, rows: list[dict[str, Any]], time_range: TimeRange = EVER) -> list[tuple[Any, ...]]:
    return run(ranking(query, time_range), rows)


@given(st.lists(flows, max_size=8), st.integers(NOON, NOON + 10), st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_top_counts_what_the_definition_says(rows: list[dict[str, Any]], since: int, width: int) -> None:
    query = Query(by=("protocol",), metrics=("bytes", "flows"), top=0)
    found = ask(query, rows, TimeRange(since, since + width))
    expected = counted(rows, "protocol", since, since + width)
    assert {name: {"bytes": size, "flows": number} for name, size, number in found} == expected


@given(st.lists(flows, min_size=1, max_size=5), st.lists(st.integers(NOON - 10, NOON + 30), max_size=4))
@settings(max_examples=40, deadline=None)
def test_adjoining_ranges_add_up_to_the_whole(rows: list[dict[str, Any]], cuts: list[int]) -> None:
    query = Query(by=("protocol",), metrics=("bytes",))
    edges = [None, *sorted(cuts), None]
    parts = [run(totals(query, TimeRange(*pair)), rows)[0][0] or 0 for pair in pairwise(edges)]
    assert sum(parts) == sum(row["bytes"] for row in rows)


def test_ties_come_by_key_ascending_and_nulls_last() -> None:
    rows = [{"protocol": number, "bytes": 5, "received": NOON} for number in (17, 6, None, 1)]
    assert [row[0] for row in ask(Query(by=("protocol",)), rows)] == [1, 6, 17, None]


def test_order_and_limit() -> None:
    rows = [{"src_port": port, "bytes": port, "packets": 9 - port, "received": NOON} for port in (1, 2, 3)]
    assert [row[0] for row in ask(Query(by=("src_port",), top=2), rows)] == [3, 2]
    assert [row[0] for row in ask(Query(by=("src_port",), order="packets", top=0), rows)] == [1, 2, 3]
    assert [row[0] for row in ask(Query(by=("src_port",), order="bytes:asc"), rows)] == [1, 2, 3]
    assert [row[0] for row in ask(Query(by=("src_port",), order="src_port:desc"), rows)] == [3, 2, 1]


def test_estimates_multiply_after_cutting() -> None:
    rows = [
        {"start": NOON, "end": NOON + 3, "bytes": 2**64 - 1, "packets": 1, "sampling_interval": 2**32 - 1},
        {"start": NOON, "end": NOON, "bytes": 5, "packets": 1},
    ]
    query = Query(by=("protocol",), metrics=("bytes_estimate",))
    thirds = [ask(query, rows, TimeRange(NOON + n, NOON + n + 1))[0][1] for n in range(3)]
    assert sum(thirds) == (2**64 - 1) * (2**32 - 1) + 5


def test_a_record_of_both_directions_is_split_where_its_ends_are_told_apart() -> None:
    by_source = {row[0][-4:]: row[1:] for row in ask(Query(by=("src_addr",)), [BIFLOW])}
    assert by_source == {bytes([10, 0, 0, 1]): (7, 1, 1), bytes([192, 0, 2, 1]): (100, 2, 1)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(by=("exporter",)), (None, 107, 3, 1)),
        (Query(by=("exporter",), filter="src port 443"), (None, 100, 2, 1)),
        (Query(by=("exporter",), filter="src port 1024"), (None, 7, 1, 1)),
        (Query(by=("src_port",), filter="dst port 443"), (1024, 7, 1, 1)),
        (Query(by=("port",), top=1), (443, 107, 3, 1)),
    ],
)
def test_a_record_of_both_directions_is_one_flow(query: Query, expected: tuple[Any, ...]) -> None:
    assert ask(query, [BIFLOW])[0] == expected


def test_totals_count_a_flow_once_whatever_it_is_grouped_by() -> None:
    assert run(totals(Query(by=("addr",)), EVER), [BIFLOW]) == [(107, 3, 1, 0, NOON, NOON, 1)]
    assert run(totals(Query(by=("src_addr",)), EVER), [BIFLOW]) == [(107, 3, 1, 0, NOON, NOON, 2)]


def test_flows_older_than_a_day_are_counted_and_told() -> None:
    rows = [{"start": 0, "end": NOON, "bytes": 86_400, "packets": 1}]
    assert run(totals(Query(), TimeRange(NOON - SECOND, NOON)), rows)[0][0] == 1
    assert run(totals(Query(), EVER), rows)[0][3:] == (1, NOON - MAX_FLOW_AGE, NOON, 1)


@pytest.mark.parametrize("extreme", [-(2**63) + 10**14, 2**63 - 10**9])
def test_extreme_times_do_not_fail_the_question(extreme: int) -> None:
    rows = [{"start": extreme, "end": extreme, "bytes": 1}, {"start": extreme, "end": NOON, "bytes": 1}]
    assert run(totals(Query(), EVER), rows)[0][0] == 2


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(by=("colour",)),
        Query(by=("src_addr",), metrics=("colour",)),
        Query(by=("src_addr",), metrics=()),
        Query(by=("bytes",)),
        Query(by=("src_addr",), order="dst_addr"),
        Query(by=("src_addr",), order="bytes:up"),
        Query(by=("src_addr",), top=-1),
    ],
)
def test_questions_that_cannot_be_asked(query: Query) -> None:
    with pytest.raises(QuestionError):
        ranking(query, EVER)


def test_a_wrong_filter_says_where() -> None:
    with pytest.raises(FilterError, match="column 5"):
        ranking(Query(by=("src_addr",), filter="src prot"), EVER)


def test_the_row_of_everything_comes_last() -> None:
    rows = run(ranking_with_whole(Query(by=("src_addr",), top=1, metrics=("bytes", "flows")), EVER), [BIFLOW])
    assert rows == [
        (rows[0][0], 100, 1, None, None, None, None),
        (None, 107, 2, 2, 0, 1, None),  # two groups have a flow each, and both are the same one
    ]


def test_everything_is_told_though_no_group_is_shown() -> None:
    query = Query(by=("src_addr",), metrics=("bytes", "distinct_dst_port"), having="bytes > 1k")
    assert run(ranking_with_whole(query, EVER), [BIFLOW]) == [(None, 107, None, 2, 0, 1, None)]


def test_the_extent_tells_what_metrics_do_not() -> None:
    rows = [{"start": 0, "end": NOON, "bytes": 1}, {"start": NOON, "end": NOON + 5, "bytes": 1}]
    assert run(extent(Query(by=("src_addr",)), EVER), rows) == [(1, NOON - MAX_FLOW_AGE, NOON + 5)]
    assert run(extent(Query(by=("src_addr",)), EVER), [BIFLOW]) == [(0, NOON, NOON)]


def test_the_earlier_range_stands_beside_the_groups_of_now() -> None:
    rows = [
        {"src_port": port, "received": at, "bytes": port} for port, at in ((1, 5), (1, 15), (2, 5), (3, 15))
    ]
    query = Query(by=("src_port",), metrics=("bytes", "flows"), order="src_port")
    statement = ranking(query, TimeRange(10, 20), TimeRange(0, 10))
    assert [column.name for column in statement.columns] == [
        "src_port", "bytes", "flows", "bytes_before", "flows_before",
    ]  # fmt: skip
    assert run(statement, rows) == [(1, 1, 1, 1, 1), (3, 3, 1, None, 0)]


def test_what_is_reported_is_told_with_what_to_doubt() -> None:
    end = NOON + 3600 * SECOND
    rows = [{"start": NOON, "end": end}, {"start": NOON + 9, "end": NOON + 8}]
    [(first, last, is_odd, longest)] = run(reported_extent(Query()), rows)
    assert (first, last, is_odd) == (NOON, end, True)
    assert longest == pytest.approx(3600 * SECOND, abs=1000)
    assert run(reported_extent(Query(filter="bytes > 1")), rows) == [(None, None, None, None)]


def test_the_extent_of_a_question_that_groups_by_network_needs_no_network() -> None:
    rows = [{"src_addr": "10.0.0.1", "start": NOON, "end": NOON + 5, "bytes": 1}]
    query = Query(by=("src_addr/24",), filter="src_addr 10.0.0.0/8")
    assert run(extent(query, EVER), rows) == [(0, NOON, NOON + 5)]
    assert run(reported_extent(query), rows)[0][:2] == (NOON, NOON + 5)
