"""Between which two values an error lies."""

from __future__ import annotations

from typing import NamedTuple


class Interval(NamedTuple):
    """Nanoseconds from ``low`` to ``high``, both possible.

    >>> Interval(-3, 5).bound, Interval(-3, 5).middle, Interval(-3, 5).shifted(10)
    (5, 1, Interval(low=7, high=15))
    """

    low: int
    high: int

    @classmethod
    def around(cls, middle: int, bound: int) -> Interval:
        """Everything within ``bound`` of ``middle``."""
        return cls(middle - bound, middle + bound)

    @property
    def middle(self) -> int:
        """The value that is never farther from the truth than half the width."""
        return (self.low + self.high) // 2

    @property
    def bound(self) -> int:
        """How far from zero it may be."""
        return max(-self.low, self.high)

    def shifted(self, by: int) -> Interval:
        """The same interval elsewhere."""
        return Interval(self.low + by, self.high + by)

    def overlaps(self, other: Interval) -> bool:
        """Whether one value may lie in both."""
        return self.low <= other.high and other.low <= self.high
