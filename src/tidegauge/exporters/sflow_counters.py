"""sFlow's counters of an interface (``if_counters``, after IF-MIB): what a counter sample says of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.interface_sample import InterfaceSample

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "sflow5"
PACKET_CYCLE = 2**32
"""Packets are counted in 32 bits, bytes in 64."""

_MILLISECOND = 1_000_000
_UPTIME = "sample_datagram.uptime"
_LONGEST_TEXT = 255


def sample(elements: Mapping[str, str | None], exporter: bytes, received: int) -> InterfaceSample | None:
    """Read the elements of a counter sample, by name; None where it tells of no interface.

    What an agent does not count has no value. An uptime that starts over, after 49.7 days, looks like a
    restart and costs the interval between two readings.
    """
    uptime, interface = _number(elements, _UPTIME), _number(elements, "if_counters.ifIndex")
    octets_in, octets_out = _counted(elements, "InOctets"), _counted(elements, "OutOctets")
    if uptime is None or interface is None or (octets_in is None and octets_out is None):
        return None
    return InterfaceSample(
        received=received,
        exporter=exporter,
        interface=interface,
        source=SOURCE,
        counting_since=received - uptime * _MILLISECOND,
        counter_bits=64,
        octets_in=octets_in,
        octets_out=octets_out,
        packets_in=_sum(elements, "InUcastPkts", "InMulticastPkts", "InBroadcastPkts"),
        packets_out=_sum(elements, "OutUcastPkts", "OutMulticastPkts", "OutBroadcastPkts"),
        group_packets_in=_sum(elements, "InMulticastPkts", "InBroadcastPkts"),
        group_packets_out=_sum(elements, "OutMulticastPkts", "OutBroadcastPkts"),
        errors_in=_counted(elements, "InErrors"),
        errors_out=_counted(elements, "OutErrors"),
        discards_in=_counted(elements, "InDiscards"),
        discards_out=_counted(elements, "OutDiscards"),
        speed=_counted(elements, "Speed") or None,
        name=(elements.get("port_name.name") or "")[:_LONGEST_TEXT] or None,
    )


def _number(elements: Mapping[str, str | None], name: str) -> int | None:
    value = elements.get(name)
    return int(value) if value is not None else None


def _counted(elements: Mapping[str, str | None], name: str) -> int | None:
    return _number(elements, f"if_counters.if{name}")


def _sum(elements: Mapping[str, str | None], *names: str) -> int | None:
    """Counters added up, which start over as each of them does; None where none was told."""
    known = [number for name in names if (number := _counted(elements, name)) is not None]
    return sum(known) % PACKET_CYCLE if known else None
