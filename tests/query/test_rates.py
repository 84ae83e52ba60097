from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.running import run
from tests.sample_lake import NOON, Row
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.spreading import share
from tidegauge.query.question import Query
from tidegauge.query.rates import Steps, rates
from tidegauge.query.statement import Statement, rendered

STEPS = Steps(NOON, 10, 4)
RANGE = TimeRange(NOON, STEPS.until)
ROUTER = {"exporter": "192.0.2.1", "src_addr": "10.0.0.1", "dst_addr": "203.0.113.9"}
HOME = {"src_addr": "203.0.113.9", "dst_addr": "10.0.0.1"}


def flow(begin: int, end: int, size: int, **more: object) -> Row:
    return {**ROUTER, "start": NOON + begin, "end": NOON + end, "bytes": size, "packets": 1, **more}


def found(query: Query, flows: Sequence[Row]) -> list[tuple[Any, ...]]:
    built = rates(query, RANGE, STEPS)
    group = [rendered(name, column.type) for name, column in zip(built.names, built.columns, strict=True)]
    selected = ", ".join([*group, "step", "bytes_in", "bytes_out"])
    sql = f"WITH {built.sql} SELECT {selected} FROM rates ORDER BY ALL"
    return run(Statement(sql, built.source.parameters.values, (), built.source.lookups), flows)


def by_interface(*flows: Row) -> list[tuple[Any, ...]]:
    return [row[1:] for row in found(Query(duplicates="all"), flows)]


def test_a_flow_comes_in_by_one_interface_and_leaves_by_another() -> None:
    assert by_interface(flow(0, 20, 100, in_interface=1, out_interface=2)) == [
        (1, 0, 50, None), (1, 1, 50, None), (2, 0, None, 50), (2, 1, None, 50),
    ]  # fmt: skip


def test_an_exporter_that_meters_arrivals_and_departures_counts_once() -> None:
    ends = {"in_interface": 1, "out_interface": 2}
    twice = [flow(0, 5, 100, **ends, direction=0), flow(0, 5, 100, **ends, direction=1)]
    assert by_interface(*twice) == [(1, 0, 100, None), (2, 0, None, 100)]


def test_an_interface_that_is_metered_alone_tells_of_the_other() -> None:
    """Both directions metered at interface 1: what leaves by it is what came in by 2."""
    flows = [
        flow(0, 5, 100, in_interface=1, out_interface=2, direction=0),
        flow(0, 5, 900, in_interface=2, out_interface=1, direction=1),
    ]
    assert by_interface(*flows) == [(1, 0, 100, 900), (2, 0, 900, 100)]


def test_what_was_dropped_left_by_no_interface() -> None:
    assert by_interface(flow(0, 5, 100, in_interface=1, out_interface=0)) == [(1, 0, 100, None)]


def test_sampling_is_multiplied_out() -> None:
    sampled = flow(0, 5, 7, in_interface=1, sampling_interval=100)
    assert by_interface(sampled) == [(1, 0, 700, None)]


def test_without_interfaces_in_is_what_came_home() -> None:
    flows = [flow(0, 5, 10, protocol=6), flow(0, 5, 300, **HOME, protocol=6)]
    assert found(Query(by=("protocol",)), flows) == [(6, 0, 300, 10)]


def test_the_group_keeps_the_order_it_was_asked_in() -> None:
    built = rates(Query(by=("in_interface", "exporter")), RANGE, STEPS)
    assert [column.name for column in built.columns] == ["in_interface", "exporter"]


drawn = st.tuples(st.integers(-15, 45), st.integers(0, 30), st.integers(0, 2**50))


@given(st.lists(drawn, max_size=6))
@settings(max_examples=40, deadline=None)
def test_steps_hold_the_share_that_falls_into_them(spans: list[tuple[int, int, int]]) -> None:
    flows = [flow(begin, begin + length, size, **HOME) for begin, length, size in spans]
    expected: Counter[int] = Counter()
    for begin, length, size in spans:
        for step in range(STEPS.count):
            edges = step * STEPS.width, (step + 1) * STEPS.width
            expected[step] += share(size, begin, begin + length, *edges)
    rows = found(Query(by=("exporter",)), flows)
    assert {row[1]: row[2] for row in rows if row[2]} == {step: n for step, n in expected.items() if n}


@pytest.mark.parametrize("word", ["interface", "in_interface", "out_interface", "if"])
def test_an_interface_has_several_words(word: str) -> None:
    rows = found(Query(by=(word,), duplicates="all"), [flow(0, 1, 5, in_interface=3)])
    assert rows == [(3, 0, 5, None)]
