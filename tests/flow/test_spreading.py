from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tidegauge.flow.spreading import MAX_FLOW_AGE, clamped_start, share

instants = st.integers(0, 10**12)


@given(st.integers(0, 2**64 - 1), instants, instants, st.lists(instants, max_size=5))
def test_adjoining_shares_add_up_to_the_whole(count: int, start: int, length: int, cuts: list[int]) -> None:
    edges = [-1, *sorted(cuts), 10**13]
    parts = [share(count, start, start + length, *pair) for pair in pairwise(edges)]
    assert sum(parts) == count
    assert min(parts) >= 0


@given(st.integers(0, 2**64 - 1), instants, st.integers(1, 10**12), instants, st.integers(0, 10**12))
def test_a_share_is_proportional_but_for_rounding(
    count: int, start: int, length: int, since: int, width: int
) -> None:
    overlap = max(0, min(start + length, since + width) - max(start, since))
    assert (
        abs(share(count, start, start + length, since, since + width) - Fraction(count * overlap, length)) < 1
    )


def test_a_flow_without_length_falls_at_its_start() -> None:
    assert [share(7, 5, 5, *pair) for pair in ((4, 5), (5, 6), (5, 5))] == [0, 7, 0]


def test_only_the_last_day_of_a_long_flow_is_believed() -> None:
    assert clamped_start(0, MAX_FLOW_AGE + 5) == 5
    assert clamped_start(3, MAX_FLOW_AGE) == 3
