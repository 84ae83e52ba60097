from __future__ import annotations

from tidegauge.ntp.interval import Interval


def test_the_bound_is_the_greater_distance_from_zero() -> None:
    assert [Interval(-3, 5).bound, Interval(-7, 5).bound, Interval(2, 5).bound] == [5, 7, 5]
    assert Interval.around(10, 3) == Interval(7, 13)


def test_touching_intervals_overlap() -> None:
    assert Interval(0, 1).overlaps(Interval(1, 2))
    assert not Interval(0, 1).overlaps(Interval(2, 3))
    assert Interval(0, 9).overlaps(Interval(4, 5))
