"""What one source sent, by whoever counted it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from itertools import islice
from pathlib import Path

from scapy.utils import RawPcapReader

import tidegauge

ETHERNET_BYTES = 14


@dataclass(frozen=True)
class Totals:
    """Bytes on the network layer, packets, and the flows they came in."""

    bytes: int
    packets: int
    flows: int


def totals_by_source(lake: Path) -> dict[str, Totals]:
    """What tidegauge says each source address sent."""
    return {
        row["src_addr"]: Totals(bytes=row["bytes"], packets=row["packets"], flows=row["flows"])
        for row in tidegauge.open(lake).top("src_addr", limit=0).rows
    }


def packets_by_source(
    capture: Path, *, has_ipv6: bool = True, first: int | None = None
) -> dict[str, tuple[int, int]]:
    """What a capture, or the first packets of it, hold: bytes and packets of each source address.

    NetFlow v5 has no room for IPv6.
    """
    found: dict[str, tuple[int, int]] = {}
    with RawPcapReader(str(capture)) as reader:
        for frame, metadata in islice(reader, first):
            source = str(source_address(frame[ETHERNET_BYTES:]))
            total_bytes, packets = found.get(source, (0, 0))
            found[source] = (total_bytes + metadata.wirelen - ETHERNET_BYTES, packets + 1)
    return {source: total for source, total in found.items() if has_ipv6 or ":" not in source}


def source_address(packet: bytes) -> object:
    is_ipv4 = packet[0] >> 4 == 4
    return ip_address(packet[12:16] if is_ipv4 else packet[8:24])
