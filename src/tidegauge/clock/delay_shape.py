"""The shape of the delay between a clock's reading and our arrival stamp, as far as it is probable.

What hides a clock's offset is the sum of two delays: the reading lost what was below its quantum,
which is spread evenly over the quantum, and the datagram took a while, which falls off
exponentially. Seen from the offset the sum begins at nothing, rises within a mean delay, stays
level for a quantum and falls off again. Level parts tell nothing; the two edges tell the offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, expm1, log

LEAST = 1e-300
"""A likelihood that doubles can still hold."""

_RISEN = 40.0
"""After so many mean delays what still rises is less than doubles can tell from nothing, beside 1."""


@dataclass(frozen=True, slots=True)
class DelayShape:
    """A level of ``quantum`` seconds, blurred by delays of ``mean`` seconds."""

    quantum: float
    mean: float
    log_level: float = field(init=False, repr=False, compare=False)
    """The logarithm of the density where the level ends."""

    level_from: float = field(init=False, repr=False, compare=False)
    """From this delay to the quantum the density is level, to the last bit of a double."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_level", log(-expm1(-self.quantum / self.mean) / self.quantum))
        object.__setattr__(self, "level_from", _RISEN * self.mean)

    def density(self, delay: float) -> float:
        """The density at a delay above 0."""
        if delay <= self.quantum:
            return -expm1(-delay / self.mean) / self.quantum
        return exp(self._log_tail(delay))

    def share(self, delay: float) -> float:
        """How many of all delays are at most this one, 0 to 1."""
        quantum, mean = self.quantum, self.mean
        if delay <= quantum:
            return (delay + mean * expm1(-delay / mean)) / quantum
        return 1 + mean / quantum * exp(-(delay - quantum) / mean) * expm1(-quantum / mean)

    def log_density(self, delay: float) -> tuple[float, float]:
        """The logarithm of the density at a delay above 0, and its slope; it is concave."""
        if delay > self.quantum:
            return self._log_tail(delay), -1 / self.mean
        risen = -expm1(-delay / self.mean)
        return log(risen / self.quantum), (1 - risen) / (self.mean * risen)

    def log_extremes(self, short: float, long: float, between: int) -> tuple[float, float, float, float]:
        """How likely it is that of some delays above 0 the extremes are these, and ``between`` lie between.

        The logarithm of that, and its slopes by the shorter one, by those between, and by the longer one.

        All that it is made of is worked out here, once: it is where fitting spends its time.
        """
        quantum, mean = self.quantum, self.mean
        if short > quantum:
            apart = max(-expm1((short - long) / mean), LEAST)
            tail = self._log_tail(short)
            value = tail + self._log_tail(long) + between * (tail + log(mean * apart))
            return value, -1 / mean, -between / mean, -1 / mean
        fallen = expm1(-short / mean)
        if long > quantum:
            log_long, by_long = self._log_tail(long), -1 / mean
            dense_long = exp(log_long)
            share_long = 1 - mean * dense_long
        else:
            fallen_long = expm1(-long / mean)
            dense_long = -fallen_long / quantum
            log_long, by_long = log(dense_long), (1 + fallen_long) / (-fallen_long * mean)
            share_long = (long + mean * fallen_long) / quantum
        share = max(share_long - (short + mean * fallen) / quantum, LEAST)
        value = log(-fallen / quantum) + log_long + between * log(share)
        by_between = between * (dense_long + fallen / quantum) / share
        return value, (1 + fallen) / (-fallen * mean), by_between, by_long

    def _log_tail(self, delay: float) -> float:
        return self.log_level - (delay - self.quantum) / self.mean
