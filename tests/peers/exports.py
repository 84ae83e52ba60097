"""Exports to give to nfdump and to us: recorded ones, and random flows through our own encoder."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from scapy.layers.inet import UDP
from scapy.utils import PcapReader

from tests.peers.softflowd import VERSIONS, recorded
from tests.surroundings import captures
from tidegauge.metering.encoder import Batch, Encoder

Flow = dict[str, Any]
EXPORT_TIME = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z
MILLISECOND = 1_000_000
ROWS = 1_000
CAPTURED = ("softflowd_v5", "softflowd_v9", "softflowd_ipfix", "pmacctd_nfprobe_v5", "pmacctd_nfprobe_v9")
TYPE_CODES = {
    "src_port": "H", "dst_port": "H", "protocol": "B", "tcp_flags": "H", "tos": "B", "packets": "Q",
    "bytes": "Q", "in_interface": "I", "out_interface": "I", "direction": "B", "src_as": "I", "dst_as": "I",
    "src_prefix_length": "B", "dst_prefix_length": "B", "vlan": "H", "start": "q", "end": "q",
}  # fmt: skip


def exports() -> dict[str, Callable[[], list[bytes]]]:
    """Every export there is on this machine, by name: what gives its datagrams."""
    found: dict[str, Callable[[], list[bytes]]] = {}
    for version in VERSIONS:
        found[f"softflowd-{version}"] = partial(datagrams_in, recorded(version))
        found[f"random-{version}"] = partial(random_export, version)
    for name in CAPTURED:
        path = captures() / "_generated" / f"{name}.pcap"
        if path.is_file():
            found[f"captured-{name}"] = partial(datagrams_in, path)
    return found


def datagrams_in(path: Path) -> list[bytes]:
    """The UDP payloads of a capture."""
    with PcapReader(str(path)) as reader:
        return [bytes(packet[UDP].payload) for packet in reader if UDP in packet]


def random_export(version: str) -> list[bytes]:
    """Random flows, those of a kind together, so that each kind has just the fields it has in real life."""
    chance = random.Random(version)
    flows = [random_flow(chance, version) for _ in range(ROWS)]
    kinds: dict[tuple[str, ...], list[Flow]] = {}
    for flow in flows:
        kinds.setdefault((*flow, str(flow["src_addr"][:12])), []).append(flow)
    encoder = Encoder(version, observation_domain=7, boot_time=EXPORT_TIME - 86_400_000 * MILLISECOND)
    return [datagram for kind in kinds.values() for datagram in encoder.encode(batch(kind), EXPORT_TIME)]


def random_flow(chance: random.Random, version: str) -> Flow:
    protocol = chance.choice([6, 6, 6, 17, 17, 1, 47, 50])
    is_ipv6 = version != "netflow5" and protocol != 1 and chance.random() < 0.25
    packets = chance.choice([1, 1, 2, 10, 100, 1000, 1024, 5000])
    start = EXPORT_TIME - chance.randrange(60_000, 600_000) * MILLISECOND
    length = chance.choice([0, 0, 1, 10, 999, 1000, 1001, 1500, 60_000])
    flow = {
        "src_addr": address(chance, is_ipv6=is_ipv6),
        "dst_addr": address(chance, is_ipv6=is_ipv6),
        "next_hop": address(chance, is_ipv6=is_ipv6),
        "protocol": protocol,
        "tos": chance.choice([0, 0, 16, 40, 136, 184]),
        "packets": packets,
        "bytes": packets * chance.choice([40, 64, 100, 1000, 1024, 1500]),
        "start": start,
        "end": start + length * MILLISECOND,
        **{name: chance.randrange(6) for name in ("in_interface", "out_interface")},
        **{name: chance.choice([0, 3303, 15169, 64512]) for name in ("src_as", "dst_as")},
    }
    return flow | ports(chance, protocol, version) | beyond_netflow5(chance, version)


def ports(chance: random.Random, protocol: int, version: str) -> Flow:
    if protocol == 1 and version == "netflow5":
        return {
            "src_port": 0,
            "dst_port": chance.choice([8, 0, 3, 11]) * 256 + chance.randrange(4),
            "tcp_flags": 0,
        }
    if protocol == 1:
        return {}
    flags = {
        "tcp_flags": chance.choice([0, 2, 4, 16, 17, 18, 20, 24, 27, 31, 63, 0xC2]) if protocol == 6 else 0
    }
    if protocol not in (6, 17):
        return {"src_port": 0, "dst_port": 0} | flags
    either = [80, 443, 53, chance.randrange(1, 65536)]
    return {"src_port": chance.choice(either), "dst_port": chance.choice(either)} | flags


def beyond_netflow5(chance: random.Random, version: str) -> Flow:
    if version == "netflow5":
        return {}
    return {
        "direction": chance.randrange(2),
        "src_prefix_length": chance.choice([0, 8, 16, 24]),
        "dst_prefix_length": chance.choice([0, 8, 16, 24]),
        "vlan": chance.choice([0, 10, 20]),
        "src_mac": bytes([0, 0x1B, 0x44, 0x11, 0x3A, chance.randrange(4)]),
        "dst_mac": bytes([0, 0x1B, 0x44, 0x11, 0x3A, chance.randrange(4)]),
    }


def address(chance: random.Random, *, is_ipv6: bool) -> bytes:
    if is_ipv6:
        return IPv6Address(f"2001:db8::{chance.randrange(1, 40):x}").packed
    network = chance.choice(["10.0.0", "10.1.2", "172.16.5", "192.0.2", "203.0.113"])
    return bytes(10) + b"\xff\xff" + IPv4Address(f"{network}.{chance.randrange(1, 30)}").packed


def batch(flows: list[Flow]) -> Batch:
    columns = {name: [flow[name] for flow in flows] for name in flows[0]}
    return Batch(
        {
            name: array(TYPE_CODES[name], items) if name in TYPE_CODES else b"".join(items)
            for name, items in columns.items()
        }
    )
