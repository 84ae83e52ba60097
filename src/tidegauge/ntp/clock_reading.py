"""Our clocks, read at one moment."""

from __future__ import annotations

import time
from typing import NamedTuple

from tidegauge.clock.instant_text import NANOSECONDS

_ATTEMPTS = 3


class ClockReading(NamedTuple):
    """Nanoseconds.

    ``raw`` runs evenly: nobody sets or steers it. ``wall`` is the time of day, which somebody may set.
    ``slept`` is how long the machine was suspended since it started, which ``raw`` does not count.
    """

    raw: int
    wall: int
    slept: int = 0

    @property
    def lead(self) -> int:
        """Wall clock minus raw clock: constant until the wall clock is set or steered."""
        return self.wall - self.raw

    def later(self, seconds: float) -> ClockReading:
        """What these clocks will read if nobody touches them."""
        passed = round(seconds * NANOSECONDS)
        return ClockReading(self.raw + passed, self.wall + passed, self.slept)


def read_clocks() -> ClockReading:
    """Read them together; of several attempts the one counts that was interrupted least."""
    return min((_attempt() for _ in range(_ATTEMPTS)), key=lambda attempt: attempt[0])[1]


def _attempt() -> tuple[int, ClockReading]:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
    wall = time.time_ns()
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
    slept = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    return after - before, ClockReading((before + after) // 2, wall, slept)
