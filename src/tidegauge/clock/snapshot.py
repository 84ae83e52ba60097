"""A snapshot of an epoch: what was known of its clock at one moment, which the epoch itself forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tidegauge.clock.feasible_set import FeasibleSet
    from tidegauge.clock.probable_line import ProbableLine


class Snapshot(NamedTuple):
    """The ``lines`` possible by what was seen in the hour before, and the ``probable`` one among them.

    Where the clock ``is_open``, datagrams are late in ways that leave no upper bound.
    """

    lines: FeasibleSet
    probable: ProbableLine
    is_open: bool
    quantum: int

    def bounds_at(self, instant: int) -> tuple[int | None, int | None]:
        """Between which offsets the clock was at a moment of that hour, in nanoseconds."""
        low, high = self.lines.bounds_at(instant)
        return low, None if self.is_open else high

    def offset_at(self, instant: int) -> int:
        """The probable offset at a moment of that hour, as far as it is possible.

        Where the bounds know more than the fit does, as those of our own exchanges, it is their middle.
        """
        low, high = self.bounds_at(instant)
        if low is not None and high is not None and high - low < 2 * self.probable.deviation:
            return (low + high) // 2
        offset = self.probable.offset_at(instant)
        offset = offset if high is None else min(offset, high)
        return offset if low is None else max(offset, low)
