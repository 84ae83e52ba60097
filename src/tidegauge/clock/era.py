"""Eras: counters on the wire are narrower than time, so the reader supplies what was cut off.

NTP counts seconds since 1900 in 32 bits and starts over on 2036-02-07; headers of NetFlow and IPFIX
count from 1970 in 32 bits and start over on 2106-02-07. Neither says how often that happened. We take
the reading nearest to a moment we are sure of, usually the arrival, which is right while the sender
is within half a cycle (68 years) of it.
"""

from __future__ import annotations

from tidegauge.clock.instant_text import NANOSECONDS

SECONDS_CYCLE = 2**32


def unfold(wrapped: int, cycle: int, near: int) -> int:
    """The number that is ``wrapped`` modulo ``cycle`` and lies nearest to ``near``.

    >>> unfold(3, 100, near=199), unfold(97, 100, near=199)
    (203, 197)
    """
    half = cycle // 2
    return near + (wrapped - near + half) % cycle - half


def instant_from_unix_seconds(seconds: int, near: int) -> int:
    """Read an export header's 32-bit Unix seconds in the cycle nearest to the instant ``near``."""
    return unfold(seconds, SECONDS_CYCLE, near // NANOSECONDS) * NANOSECONDS
