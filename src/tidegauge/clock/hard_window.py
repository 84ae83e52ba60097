"""A window of hard limits: the lines that no recent observation excludes, at a fixed cost.

A crystal runs evenly for an hour, not for a year: what was seen long ago says little of now, and would
contradict it. So limits count for half an hour to an hour. Two feasible sets do it, begun half an hour
apart: each limit cuts both, the elder is asked, and when it is an hour old the younger takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.clock.feasible_set import MAX_SKEW_PPM, FeasibleSet, Limit, feasible_set
from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

EVEN_FOR = 3600 * NANOSECONDS
"""So long a clock is taken to run evenly."""


class HardWindow:
    """The lines possible now, by what was seen in the past hour. ``began`` is the first limit's instant."""

    def __init__(
        self,
        floors: Sequence[Limit],
        ceilings: Sequence[Limit],
        max_skew_ppm: float = MAX_SKEW_PPM,
    ) -> None:
        """Begin with some limits; raises ValueError without any."""
        self._max_skew_ppm = max_skew_ppm
        self._elder = feasible_set(floors, ceilings, max_skew_ppm)
        self._younger: FeasibleSet | None = None
        self._elder_began = self._elder.origin
        self._younger_began = self._elder.origin

    @property
    def lines(self) -> FeasibleSet:
        """The lines that are possible now."""
        return self._elder

    def restore(self, lines: FeasibleSet) -> None:
        """Go back to the lines of an earlier moment."""
        self._elder, self._younger = lines, None

    def add(self, floors: Sequence[Limit], ceilings: Sequence[Limit]) -> None:
        """Take further limits that do not exclude all lines; those that would, by rounding, are left out."""
        if not floors and not ceilings:
            return
        at = max(limit.at for limit in (*floors, *ceilings))
        if self._younger is None:
            if at - self._elder_began >= EVEN_FOR // 2:
                self._younger, self._younger_began = feasible_set(floors, ceilings, self._max_skew_ppm), at
        else:
            self._younger = _cut(self._younger, floors, ceilings)
        self._elder = _cut(self._elder, floors, ceilings)
        if self._younger is not None and at - self._elder_began >= EVEN_FOR:
            self._elder, self._elder_began = self._younger, self._younger_began
            self._younger = None

    def excludes_floor(self, floor: Limit) -> bool:
        """Whether the clock would have to be ahead of all that is possible."""
        _, high = self.bounds_at(floor.at)
        return high is not None and floor.offset > high

    def excludes_ceiling(self, ceiling: Limit) -> bool:
        """Whether the clock would have to be behind all that is possible."""
        low, _ = self.bounds_at(ceiling.at)
        return low is not None and ceiling.offset < low

    def bounds_at(self, instant: int) -> tuple[int | None, int | None]:
        """The least and the greatest offset at a moment, in nanoseconds; None where nothing bounds it."""
        return self._elder.bounds_at(instant)

    def skew_bounds(self) -> tuple[float, float]:
        """The least and the greatest skew in parts per million."""
        return self._elder.skew_bounds()


def _cut(lines: FeasibleSet, floors: Sequence[Limit], ceilings: Sequence[Limit]) -> FeasibleSet:
    left = lines.cut(floors, ceilings)
    return lines if left.is_empty else left
