"""A clock probe: what an exporter said when it was asked for its time, and when, by a clock that we know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from tidegauge.clock.two_way import Passing, limits_of_exchange

if TYPE_CHECKING:
    from tidegauge.clock.feasible_set import Limit


class ClockProbe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question and its answer; instants are nanoseconds since 1970.

    ``sent`` and ``received`` are by our clock, which may be off by ``clock_bound``, None where nobody knows.
    ``came`` and ``went`` are when the question came and the answer left, by the exporter's, which tells them
    to within ``fineness``.
    """

    exporter: str
    kind: Literal["ntp", "icmp"]
    sent: int
    received: int
    came: int
    went: int
    fineness: int
    clock_bound: int | None = None

    @property
    def limits(self) -> tuple[Limit, Limit]:
        """The floor and the ceiling of its offset."""
        told = [Passing(reading, reading + self.fineness) for reading in (self.came, self.went)]
        return limits_of_exchange(self.sent, self.received, told, self.clock_bound or 0)
