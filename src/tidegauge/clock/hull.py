"""Hulls: of many points, the few that a straight line above or below all of them can touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Point = tuple[float, float]


def upper_hull(points: Iterable[Point]) -> list[Point]:
    """The points, by rising abscissa, that no line which lies above all of them can miss.

    >>> upper_hull([(0, 0), (1, 1), (2, 0), (3, 0)])
    [(0, 0), (1, 1), (3, 0)]
    """
    hull: list[Point] = []
    for point in sorted(points):
        if hull and hull[-1][0] == point[0]:
            hull.pop()  # of two with one abscissa the later sorted is the higher
        while len(hull) > 1 and not _turns_right(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def lower_hull(points: Iterable[Point]) -> list[Point]:
    """The same for lines below all points.

    >>> lower_hull([(0, 0), (1, 1), (2, 0), (3, 0)])
    [(0, 0), (3, 0)]
    """
    return [(x, -y) for x, y in upper_hull((x, -y) for x, y in points)]


def _turns_right(first: Point, middle: Point, last: Point) -> bool:
    rise = (middle[0] - first[0]) * (last[1] - first[1])
    return rise < (middle[1] - first[1]) * (last[0] - first[0])
