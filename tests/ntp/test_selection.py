from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.ntp.interval import Interval
from tidegauge.ntp.selection import select

LIMIT = 10**12


@pytest.mark.parametrize(
    ("intervals", "expected", "false"),
    [
        ([], None, ""),
        ([(-5, 9)], (-5, 9), ""),
        ([(0, 4), (2, 9)], (2, 4), ""),
        ([(0, 4), (4, 9)], (4, 4), ""),
        ([(0, 4), (5, 9)], None, ""),
        ([(0, 4), (1, 5), (2, 6)], (1, 5), ""),
        ([(0, 4), (1, 5), (90, 99)], (1, 4), "2"),
        ([(0, 4), (1, 5), (2, 6), (90, 99)], (2, 4), "3"),
        ([(0, 1), (50, 51), (-100, 100)], (0, 51), ""),
        ([(0, 1), (0, 1), (9, 9), (9, 9)], None, ""),
        ([(0, 1), (0, 1), (9, 9), (9, 9), (0, 9)], (0, 9), ""),
    ],
)
def test_a_majority_decides(intervals: list[tuple[int, int]], expected: object, false: str) -> None:
    found = select({str(n): Interval(*interval) for n, interval in enumerate(intervals)})
    assert found.interval == expected
    assert found.falsetickers == set(false)


@given(
    st.integers(-LIMIT, LIMIT),
    st.lists(st.tuples(st.integers(0, LIMIT), st.integers(0, LIMIT)), min_size=1, max_size=6),
    st.data(),
)
def test_the_truth_is_inside_whatever_a_minority_says(
    truth: int, honest: list[tuple[int, int]], data: st.DataObject
) -> None:
    edge = st.integers(-2 * LIMIT, 2 * LIMIT)
    lies = data.draw(st.lists(st.tuples(edge, edge), max_size=len(honest) - 1))
    intervals = [Interval(truth - below, truth + above) for below, above in honest]
    intervals += [Interval(min(lie), max(lie)) for lie in lies]
    found = select(dict(enumerate(intervals)))
    assert found.interval is not None
    assert found.interval.low <= truth <= found.interval.high
    # And no minority can make it wider than what honest sources say.
    assert found.interval.low >= min(low for low, _ in intervals[: len(honest)])
    assert found.interval.high <= max(high for _, high in intervals[: len(honest)])
    liars = {number for number, interval in enumerate(intervals) if not interval.overlaps(found.interval)}
    assert found.falsetickers == liars
