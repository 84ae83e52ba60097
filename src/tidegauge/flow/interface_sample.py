"""A reading of an interface's own counters, by whatever protocol it was told."""

from __future__ import annotations

import msgspec


class InterfaceSample(msgspec.Struct, frozen=True, kw_only=True):
    """What an exporter had counted at one of its interfaces when it answered; what it did not tell is None.

    Counters grow from ``counting_since`` on and start over at 2**``counter_bits`` (errors and discards at
    2**32). ``octets`` are whole frames as the interface counts them (ifInOctets, RFC 2863), ``packets``
    those to one, to a group and to all, ``group_packets`` only the latter two. ``received`` and
    ``counting_since`` are nanoseconds since 1970 by our own clock, ``speed`` bits per second, ``exporter``
    16 bytes, IPv4 mapped. ``source`` is the protocol: ``snmp``, ``sflow5``.
    """

    received: int
    exporter: bytes
    interface: int
    source: str
    counting_since: int
    counter_bits: int
    octets_in: int | None = None
    octets_out: int | None = None
    packets_in: int | None = None
    packets_out: int | None = None
    group_packets_in: int | None = None
    group_packets_out: int | None = None
    errors_in: int | None = None
    errors_out: int | None = None
    discards_in: int | None = None
    discards_out: int | None = None
    speed: int | None = None
    name: str | None = None
    description: str | None = None
