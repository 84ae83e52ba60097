"""What we tell our clients about our clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegauge.ntp.own_clock import OwnClock

UNSYNCHRONISED_STRATUM = 16

# Neither chrony's bound nor the kernel's says how many hops the time has come. A high number makes a client
# that has another source prefer that one.
KERNEL_STRATUM = 10

# "This machine's own clock", as NTP has always written it.
LOCAL_CLOCK = bytes((127, 127, 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching:
    """The word on our clock at one moment, in nanoseconds; ``TimeServer.vouch`` takes the same names."""

    stratum: int
    reference_id: bytes
    reference_time: int
    root_delay: int
    root_dispersion: int

    @property
    def is_known(self) -> bool:
        """Whether anybody knows how right our clock is, or it is right by decree."""
        return self.stratum < UNSYNCHRONISED_STRATUM


def vouching_from_clock(clock: OwnClock, local_stratum: int | None, now: int) -> Vouching:
    """Say what can be said at ``now``: what is known of our clock, what the operator decrees, or nothing.

    With ``local_stratum`` the operator declares our clock right by definition: clients then agree
    with us and each other, which is what an isolated network needs, and true time is nobody's claim.
    """
    stratum = clock.stratum or KERNEL_STRATUM if clock.is_synchronised else UNSYNCHRONISED_STRATUM
    return Vouching(
        stratum=local_stratum or stratum,
        reference_id=LOCAL_CLOCK,
        reference_time=now,
        root_delay=0,
        root_dispersion=clock.bound or 0,
    )
