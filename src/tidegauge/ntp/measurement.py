"""What one exchange with a server says about our clock."""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.packet import Leap

# How fast two ordinary clocks may drift apart, in parts per million (RFC 5905, PHI).
DRIFT_PPM = 15
# From here on a server's own error says that it does not know the time (RFC 5905, MAXDISP).
MAXIMUM_ROOT_DISTANCE = 16 * NANOSECONDS
_LOWEST_STRATUM = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Four stamps and what the server says of its own clock. All times are in nanoseconds.

    ``sent`` and ``received`` are by our clock, ``server_received`` and ``server_sent`` by the server's.
    ``server`` is the address that answered.
    """

    server: str
    port: int
    sent: int
    server_received: int
    server_sent: int
    received: int
    leap: Leap
    stratum: int
    precision: int
    root_delay: int
    root_dispersion: int
    reference_id: str

    @property
    def offset(self) -> int:
        """Server's clock minus ours: what to add to ours; right when both ways took equally long."""
        return (self.server_received - self.sent + self.server_sent - self.received) // 2

    @property
    def delay(self) -> int:
        """Round trip, without the time the server took."""
        return self.received - self.sent - (self.server_sent - self.server_received)

    @property
    def root_distance(self) -> int:
        """How far the server may be from its reference clock."""
        return self.root_delay // 2 + self.root_dispersion

    @property
    def bound(self) -> int | None:
        """How far ``offset`` may be from the truth; None when the server does not know the time.

        Half the round trip is the hard part: the request cannot have arrived before it was sent, so
        the offset lies between two of the stamps however unequal the ways are. The rest is the
        server's own error, the fineness of its stamps, and drift while we waited.
        """
        if not self.is_synchronised:
            return None
        drift = (self.received - self.sent) * DRIFT_PPM // 1_000_000
        return max(self.delay, 0) // 2 + self.root_distance + self._granularity + drift + 1

    @property
    def is_synchronised(self) -> bool:
        """Whether the server claims to know the time."""
        return (
            self.leap is not Leap.UNSYNCHRONISED
            and 1 <= self.stratum <= _LOWEST_STRATUM
            and self.root_distance < MAXIMUM_ROOT_DISTANCE
        )

    @property
    def _granularity(self) -> int:
        return NANOSECONDS << self.precision if self.precision > 0 else NANOSECONDS >> -self.precision
