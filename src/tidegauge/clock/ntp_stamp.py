"""Time as NTP sends it; IPFIX uses the same format for its micro- and nanosecond elements."""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.clock.era import SECONDS_CYCLE, unfold
from tidegauge.clock.instant_text import NANOSECONDS

# From 1900, where NTP counts from, to 1970.
_EPOCH_SECONDS = 2_208_988_800
_CYCLE = SECONDS_CYCLE * 2**32


@dataclass(frozen=True, slots=True)
class NtpStamp:
    """A moment as NTP sends it: seconds and fraction, 32.32 fixed point, no era (RFC 5905, section 6).

    ``a - b`` is in nanoseconds and takes the shorter way round, so it is right while the two lie
    within 68 years of each other. Stamps have no order: across an era the later one is smaller.
    """

    fixed: int

    @classmethod
    def from_instant(cls, instant: int) -> NtpStamp:
        """Drop the era; the fraction is rounded up, so that the same nanosecond is read back.

        >>> NtpStamp.from_instant(1).instant_near(0)
        1
        """
        units = -(-instant * 2**32 // NANOSECONDS)
        return cls((units + _EPOCH_SECONDS * 2**32) % _CYCLE)

    def instant_near(self, near: int) -> int:
        """Read the stamp in the era that puts it nearest to the instant ``near``.

        >>> NtpStamp(0).instant_near(2_085_978_496 * 10**9) // 10**9  # 2036-02-07
        2085978496
        """
        units = unfold(self.fixed, _CYCLE, NtpStamp._units(near))
        return (units - _EPOCH_SECONDS * 2**32) * NANOSECONDS >> 32

    @staticmethod
    def _units(instant: int) -> int:
        return (instant << 32) // NANOSECONDS + _EPOCH_SECONDS * 2**32

    def __sub__(self, earlier: NtpStamp) -> int:
        return unfold(self.fixed - earlier.fixed, _CYCLE, near=0) * NANOSECONDS >> 32
