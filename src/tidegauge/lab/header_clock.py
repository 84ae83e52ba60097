"""A header clock: what a simulated exporter writes into its headers, when these arrive, and the truth.

The clock starts with an offset and runs evenly, a little fast or slow. A header shows it in whole quanta. The
datagram then takes the least delay and a random one more. Nothing here is received or sent: it is the known
truth that estimates of clocks are held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderClock:
    """An exporter that began at the true time ``origin``; times in nanoseconds.

    ``offset`` is its clock minus the true time at ``origin``, ``mean_delay`` the mean of what a datagram
    takes beyond ``least_delay``.
    """

    origin: int
    offset: int = 0
    skew_ppm: float = 0.0
    quantum: int = _SECOND
    least_delay: int = 500_000
    mean_delay: int = 5_000_000

    def offset_at(self, instant: int) -> int:
        """The truth: this clock minus the true time at a true time."""
        return self.offset + round(self.skew_ppm * (instant - self.origin) / 1e6)

    def stamps(self, moments: Iterable[int], random: Random) -> Iterator[tuple[int, int]]:
        """The arrival and the reading of a header written at each of these true times."""
        for moment in moments:
            reading = moment + self.offset_at(moment)
            delay = self.least_delay + round(random.expovariate(1) * self.mean_delay)
            yield moment + delay, reading - reading % self.quantum


def irregular(origin: int, seconds: float, rate: float, random: Random) -> Iterator[int]:
    """True times ``rate`` a second on average, at random."""
    passed = random.expovariate(rate)
    while passed < seconds:
        yield origin + round(passed * _SECOND)
        passed += random.expovariate(rate)


def locked(origin: int, seconds: float, phase: float, every: float = 1.0) -> Iterator[int]:
    """True times at the same phase of each period, as of an exporter whose timer follows its own second."""
    for number in range(int(seconds / every)):
        yield origin + round((number * every + phase) * _SECOND)
