"""What several answers of one server say together of our oscillator.

Each answer bounds true time minus our raw clock, from both sides. The raw clock is never set or steered, so
the difference is nearly a straight line, and all answers of an honest server cut away from the same set of
lines. What is left is narrower than the best single answer, tells the frequency, and stays a bound.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.feasible_set import FeasibleSet, Limit, feasible_set
from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

WANDER_PPM = 1
"""How far a crystal's frequency may be, for a while, from its mean over the answers that are kept."""
KEPT = 64
KEPT_NANOSECONDS = 2 * 3600 * NANOSECONDS


class Sample(NamedTuple):
    """At the raw clock's ``at``, true time minus raw clock lay within ``interval``."""

    at: int
    interval: Interval


class SampleFilter:
    """Keeps the samples that still help, and what they say together.

    ``restarts`` counts how often a sample contradicted those before it: the server's clock was set, or it
    lies, or the crystal's frequency changed more than it should. Then the newest one alone is believed.
    """

    def __init__(self) -> None:
        self.restarts = 0
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._lines: FeasibleSet | None = None

    def add(self, sample: Sample) -> None:
        """Take the newest sample."""
        self._samples.append(sample)
        while sample.at - self._samples[0].at > KEPT_NANOSECONDS:
            self._samples.popleft()
        self._lines = _lines(self._samples, sample.at)
        if self._lines.is_empty:
            self.restarts += 1
            self._samples = deque([sample], maxlen=KEPT)
            self._lines = _lines(self._samples, sample.at)

    def clear(self) -> None:
        """Forget everything: the raw clock was not running evenly."""
        self._samples.clear()
        self._lines = None

    def interval_at(self, at: int) -> Interval | None:
        """Between which values true time minus raw clock lies at a later moment; None without a sample."""
        if self._lines is None:
            return None
        low, high = self._lines.bounds_at(at)
        assert low is not None  # each sample bounds both sides
        assert high is not None
        wander = _wander(at - self._samples[-1].at)
        return Interval(low - wander, high + wander)

    def growth_per_second(self) -> float:
        """Nanoseconds by which the interval widens each second without a new sample."""
        if self._lines is None:
            return 0.0
        low, high = self._lines.skew_bounds()
        return (high - low) * 1000 + 2 * WANDER_PPM * 1000


def _lines(samples: Iterable[Sample], now: int) -> FeasibleSet:
    """Older samples count for less: since then the frequency may have wandered from its mean."""
    floors, ceilings = [], []
    for at, interval in samples:
        wander = _wander(now - at)
        floors.append(Limit(at, interval.low - wander))
        ceilings.append(Limit(at, interval.high + wander))
    return feasible_set(floors, ceilings)


def _wander(age: int) -> int:
    return age * WANDER_PPM // 1_000_000
