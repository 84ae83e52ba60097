"""The lines that an exporter's clock may follow: all that no observation excludes.

A clock that runs evenly has an offset (its reading minus the true time) that is a straight line in
time. Each observation cuts away the lines that pass below it, or above it. What is left is a convex
polygon in the plane of offset and skew; its corners give the bounds of the offset at any moment and
of the skew. Nothing here is probable: where the stated assumptions hold, the true line is inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.hull import Point, lower_hull, upper_hull
from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_SKEW_PPM = 100
"""Parts per million that no working crystal runs fast or slow (RFC 5905 allows 500)."""

_ROUNDING = 2
"""Nanoseconds that doubles may lose on the way."""

_OPEN = 1e6
"""Seconds to the side that nothing bounds. Farther away, doubles would no longer tell nanoseconds."""


class Limit(NamedTuple):
    """At the instant ``at`` the offset was at least, or at most, ``offset``; nanoseconds."""

    at: int
    offset: int


@dataclass(frozen=True, slots=True)
class FeasibleSet:
    """A polygon of lines: corners are (offset at ``origin`` less ``base``, skew), in seconds.

    No corners: no line is possible, so the clock did not run evenly, or an assumption does not hold.
    """

    origin: int
    base: int
    corners: tuple[Point, ...]
    is_bounded_below: bool = True
    is_bounded_above: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether no even clock can explain what was observed."""
        return not self.corners

    def bounds_at(self, instant: int) -> tuple[int | None, int | None]:
        """The least and the greatest offset at a moment, in nanoseconds; None where nothing bounds it.

        Raises ValueError where the set is empty.
        """
        passed = (instant - self.origin) / NANOSECONDS
        offsets = [self.base + round((offset + skew * passed) * NANOSECONDS) for offset, skew in self.corners]
        low = min(offsets) - _ROUNDING if self.is_bounded_below else None
        high = max(offsets) + _ROUNDING if self.is_bounded_above else None
        return low, high

    def cut(self, floors: Iterable[Limit] = (), ceilings: Iterable[Limit] = ()) -> FeasibleSet:
        """What is left of the set after further limits."""
        corners, is_below, is_above = self.corners, self.is_bounded_below, self.is_bounded_above
        for point in _points(floors, self.origin, self.base):
            corners, is_below = _clip(corners, point, 1), True
        for point in _points(ceilings, self.origin, self.base):
            corners, is_above = _clip(corners, point, -1), True
        return FeasibleSet(self.origin, self.base, corners, is_below, is_above)

    def skew_bounds(self) -> tuple[float, float]:
        """The least and the greatest skew in parts per million. Raises ValueError where the set is empty."""
        skews = [skew * 1e6 for _, skew in self.corners]
        return min(skews), max(skews)


def feasible_set(
    floors: Sequence[Limit], ceilings: Sequence[Limit], max_skew_ppm: float = MAX_SKEW_PPM
) -> FeasibleSet:
    """The lines above all ``floors``, below all ``ceilings``, and no steeper than ``max_skew_ppm``.

    Raises ValueError without any limit.
    """
    known = [*floors, *ceilings]
    if not known:
        raise ValueError("a clock that nobody observed has no bounds")
    origin, base, steep = max(at for at, _ in known), known[0].offset, max_skew_ppm / 1e6
    below = upper_hull(_points(floors, origin, base))
    above = lower_hull(_points(ceilings, origin, base))
    corners = _box(below, above, steep)
    for point in below:
        corners = _clip(corners, point, 1)
    for point in above:
        corners = _clip(corners, point, -1)
    return FeasibleSet(origin, base, corners, bool(floors), bool(ceilings))


def _points(limits: Iterable[Limit], origin: int, base: int) -> list[Point]:
    return [((at - origin) / NANOSECONDS, (offset - base) / NANOSECONDS) for at, offset in limits]


def _box(below: list[Point], above: list[Point], steep: float) -> tuple[Point, ...]:
    """A rectangle that holds all lines of the set: what clipping starts from."""
    least = max((offset + steep * passed for passed, offset in below), default=None)
    greatest = min((offset - steep * passed for passed, offset in above), default=None)
    if least is None:
        least = min(offset for _, offset in above) - _OPEN
    if greatest is None:
        greatest = max(offset for _, offset in below) + _OPEN
    if least > greatest:
        return ()
    return ((least, -steep), (greatest, -steep), (greatest, steep), (least, steep))


def _clip(corners: tuple[Point, ...], limit: Point, side: int) -> tuple[Point, ...]:
    """Cut away the lines that pass below a limit, or above it where ``side`` is -1."""
    kept: list[Point] = []
    for first, second in zip(corners[-1:] + corners[:-1], corners, strict=True):
        before, after = _excess(first, limit, side), _excess(second, limit, side)
        if (before < 0) != (after < 0):
            part = before / (before - after)
            crossing = [start + part * (end - start) for start, end in zip(first, second, strict=True)]
            kept.append((crossing[0], crossing[1]))
        if after >= 0:
            kept.append(second)
    return tuple(kept)


def _excess(corner: Point, limit: Point, side: int) -> float:
    """How far a line passes on the right side of a limit, in seconds; negative on the wrong one."""
    passed, offset = limit
    return side * (corner[0] + corner[1] * passed - offset)
