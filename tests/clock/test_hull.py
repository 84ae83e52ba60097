from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.hull import lower_hull, upper_hull

POINTS = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=40)


@given(POINTS)
def test_every_point_lies_on_or_below_the_upper_hull(points: list[tuple[int, int]]) -> None:
    hull = upper_hull(points)
    assert set(hull) <= set(points)
    for x, y in points:
        for (x0, y0), (x1, y1) in itertools.pairwise(hull):
            if x0 <= x <= x1:
                assert (y - y0) * (x1 - x0) <= (y1 - y0) * (x - x0)


@given(POINTS)
def test_a_hull_bends_one_way_only(points: list[tuple[int, int]]) -> None:
    hull = upper_hull(points)
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in itertools.pairwise(hull)]
    assert slopes == sorted(set(slopes), reverse=True)


@given(POINTS)
def test_the_lower_hull_is_the_upper_one_upside_down(points: list[tuple[int, int]]) -> None:
    assert lower_hull(points) == [(x, -y) for x, y in upper_hull((x, -y) for x, y in points)]
