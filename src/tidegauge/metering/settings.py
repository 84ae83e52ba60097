"""What a meter is told to do, as the command line and others say it."""

from __future__ import annotations

from typing import NamedTuple

from tidegauge._core import Meter


class MeterSettings(NamedTuple):
    """When flows are reported, what they are of, and which packets are looked at.

    With ``opens_tunnels`` flows are of what tunnels carry, not of the tunnels. One packet in
    ``sampling_interval`` is looked at, the first of so many or any. ``names`` and ``performance`` say whether
    to know more of flows than their counters; how a connection does is known only where all is looked at.
    ``biflows`` joins both directions of a conversation in one record (RFC 5103).
    """

    active_timeout_seconds: float = 60.0
    idle_timeout_seconds: float = 15.0
    maximum_flows: int = 1_000_000
    opens_tunnels: bool = False
    sampling_interval: int = 1
    samples_at_random: bool = False
    names: bool = True
    performance: bool = True
    biflows: bool = False

    def meter(self) -> Meter:
        """Return a meter that does so."""
        return Meter(**self._asdict())
