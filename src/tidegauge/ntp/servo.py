"""A servo: what to do to a clock so that it comes to follow the time, and then stays.

For simulated clocks, those of the lab's devices. This machine's own clock is chrony's job.

A straight line through what was measured lately says where the oscillator is and how fast it drifts, answers
that came back fast counting more. The clock is then run so that it meets the line by the next question, or
later where that would be too fast. Only what would take minutes that way is stepped.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from tidegauge.clock.instant_text import NANOSECONDS

STEP_THRESHOLD = 128_000_000
"""Nanoseconds from which on a clock is set and not steered (RFC 5905, STEPT)."""
STEERING_PPM = 500
"""The most that a clock is run fast or slow beside its frequency error (RFC 5905, section 12)."""
KEPT = 24
LEAST_FOR_FREQUENCY = 3
LARGEST_FREQUENCY_PPM = 500.0
_FLOOR = 1_000.0
"""Nanoseconds below which a shorter round trip is no better."""


class Steering(NamedTuple):
    """Set the clock by ``step`` nanoseconds; from then on let it gain ``frequency_ppm`` on its oscillator.

    For the first ``slew_seconds`` it gains ``slew_ppm`` more. Should the next measurement be lost, the clock
    has come to where it was sent, and not beyond.
    """

    step: int = 0
    frequency_ppm: float = 0.0
    slew_ppm: float = 0.0
    slew_seconds: float = 0.0


class _Sample(NamedTuple):
    at: int
    lead: int
    delay: int


class Servo:
    """Works on the timeline of the oscillator, which runs on undisturbed whatever is done to the clock."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=KEPT)

    def measured(self, at: int, offset: int, delay: int, lead: int, next_seconds: float) -> Steering:
        """Take a measurement: at the oscillator's ``at`` the clock had to be set forward by ``offset``.

        ``delay`` is the round trip, ``lead`` what the clock read more than the oscillator, ``next_seconds``
        when the next measurement comes.
        """
        self._samples.append(_Sample(at, lead + offset, delay))
        wanted, frequency = self._line(at)
        error = wanted - lead
        if abs(error) > STEP_THRESHOLD:
            return Steering(round(error), frequency)
        # Nanoseconds a second are thousandths of a part per million.
        seconds = max(next_seconds, abs(error) / (STEERING_PPM * 1000))
        return Steering(0, frequency, error / seconds / 1000, seconds)

    def _line(self, now: int) -> tuple[float, float]:
        """What the clock should read more than the oscillator now, and how that changes, in ppm."""
        newest = self._samples[-1]
        if len(self._samples) < LEAST_FOR_FREQUENCY:
            best = min(self._samples, key=lambda sample: sample.delay)
            return float(best.lead), 0.0
        shortest = min(sample.delay for sample in self._samples)
        spread = sum(sample.delay for sample in self._samples) / len(self._samples) - shortest + _FLOOR
        points = [
            (
                (sample.at - now) / NANOSECONDS,
                float(sample.lead - newest.lead),
                1 / (1 + ((sample.delay - shortest) / spread) ** 2),
            )
            for sample in self._samples
        ]
        height, slope = _fitted(points)
        frequency = min(max(slope / 1000, -LARGEST_FREQUENCY_PPM), LARGEST_FREQUENCY_PPM)
        return newest.lead + height, frequency


def _fitted(points: list[tuple[float, float, float]]) -> tuple[float, float]:
    """Weighted least squares: the value at 0 and the slope of (place, value, weight)."""
    total = sum(weight for *_, weight in points)
    place = sum(x * weight for x, _, weight in points) / total
    value = sum(y * weight for _, y, weight in points) / total
    spread = sum(weight * (x - place) ** 2 for x, _, weight in points)
    slope = sum(weight * (x - place) * (y - value) for x, y, weight in points) / spread if spread else 0.0
    return value - slope * place, slope
