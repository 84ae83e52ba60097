"""The shape of the delay between a clock's reading and our arrival stamp, as far as it is probable.

What hides a clock's offset is the sum of two delays: the reading lost what was below its quantum,
which is spread evenly over the quantum, and the datagram took a while, which falls off
exponentially. Seen from the offset the sum begins at nothing, rises within a mean delay, stays
level for a quantum and falls off again. Level parts tell nothing; the two edges tell the offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log

_LEAST = 1e-300
"""A likelihood that doubles can still hold."""


@dataclass(frozen=True, slots=True)
class DelayShape:
    """A level of ``quantum`` seconds, blurred by delays of ``mean`` seconds."""

    quantum: float
    mean: float

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

    def log_share_between(self, short: float, long: float) -> tuple[float, float]:
        """The logarithm of how many delays lie between two, and how it changes when both grow alike."""
        if short > self.quantum:
            between = -expm1(-(long - short) / self.mean)
            return self._log_tail(short) + log(self.mean * max(between, _LEAST)), -1 / self.mean
        between = max(self.share(long) - self.share(short), _LEAST)
        return log(between), (self.density(long) - self.density(short)) / between

    def _log_tail(self, delay: float) -> float:
        return log(-expm1(-self.quantum / self.mean) / self.quantum) - (delay - self.quantum) / self.mean
