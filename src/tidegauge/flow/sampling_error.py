"""How far an estimate from sampled packets may be off.

A router that samples one packet in ``s`` at random picks each packet with probability ``1/s``. What it picked
then says how uncertain the estimate is (Horvitz and Thompson, 1952): the variance of ``s`` times a sum
over the picked packets is ``s * (s - 1)`` times the sum of their squares. For packets that is
``s * (s - 1) * packets``, the rule that sFlow's authors give as ``196 * sqrt(1 / packets)`` per cent
(Phaal and Panchen, "Packet Sampling Basics"). Variances of independent records add up.

For bytes the squares of the sizes are needed and a record has only their sum. Among sizes between
``SMALLEST`` and the largest, the spread is widest when each packet has one of these two sizes (Bhatia and
Davis, 2000); that is what we assume, so that the interval is rather too wide than too narrow. Of a record of
one packet the size is known, and nothing is assumed.
"""

from __future__ import annotations

from math import isqrt

SMALLEST = 20
"""Bytes of a packet that is an IPv4 header and nothing else (RFC 791)."""

USUAL_LARGEST, LARGEST = 1500, 65535
"""Bytes of a packet that fills an Ethernet frame, and of the largest that IP knows."""

DEVIATIONS_PERCENT = 196
"""How many hundredths of a standard deviation to either side hold 95 % of a normal distribution."""


def packets_variance(packets: int, interval: int) -> int:
    """The variance of ``packets * interval``.

    >>> packets_variance(100, 1), packets_variance(100, 10)
    (0, 9000)
    """
    return interval * (interval - 1) * packets


def bytes_variance(octets: int, packets: int, interval: int) -> int:
    """The largest variance that ``octets * interval`` can have."""
    return interval * (interval - 1) * squares(octets, packets)


def squares(octets: int, packets: int) -> int:
    """The most that the squared sizes of ``packets`` packets, together ``octets`` long, can add up to.

    >>> squares(100, 1), squares(1520, 2) == 20**2 + 1500**2
    (10000, True)
    """
    largest = USUAL_LARGEST if octets <= USUAL_LARGEST * packets else LARGEST
    widest = (largest + SMALLEST) * octets - packets * largest * SMALLEST
    even = -(-(octets**2) // packets) if packets else octets**2
    return min(octets**2, max(widest, even))


def margin(variance: int) -> int:
    """What to add and to take away so that the truth lies between, 95 times in 100; rounded up.

    >>> margin(packets_variance(10_000, 100))
    19502
    """
    return -(-isqrt(DEVIATIONS_PERCENT**2 * variance) // 100)
