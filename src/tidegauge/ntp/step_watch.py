"""Whether somebody set our own wall clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tidegauge.ntp.clock_reading import ClockReading

STEERING_PPM = 1000
"""Nobody steers a clock faster but by setting it, or chrony at its utmost, which is no better."""
TOLERANCE = 1_000_000
"""Nanoseconds that reading two clocks one after the other may differ by on a busy machine."""


class Change(NamedTuple):
    """What happened to our clocks: ``step`` is by how much the wall clock was set, forward positive.

    After a sleep the raw clock says nothing of the time before.
    """

    step: int
    has_slept: bool


class StepWatch:
    """Compares the wall clock with the raw clock from one look to the next."""

    def __init__(self, reading: ClockReading) -> None:
        self._last = reading

    def look(self, reading: ClockReading) -> Change:
        """What changed since the last look, apart from what steering explains."""
        slept = reading.slept - self._last.slept
        change = reading.lead - self._last.lead - slept
        steered = (reading.raw - self._last.raw) * STEERING_PPM // 1_000_000
        self._last = reading
        return Change(change if abs(change) > steered + TOLERANCE else 0, slept > TOLERANCE)
