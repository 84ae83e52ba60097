"""Packets in packets, outermost and innermost, against tshark's reading of the same frames."""

from __future__ import annotations

import subprocess
from collections import Counter
from ipaddress import IPv6Address
from pathlib import Path

import duckdb
import pytest
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop
from scapy.layers.l2 import GRE, Dot1AD, Dot1Q, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw
from scapy.utils import PcapWriter

from tests.surroundings import find_peer
from tidegauge.metering.settings import MeterSettings

pytestmark = pytest.mark.peers

Ends = tuple[str, str]


def talk(number: int) -> Packet:
    return IP(src=f"10.0.0.{number}", dst="10.9.9.9") / UDP(sport=1000, dport=9) / Raw(bytes(number))


def talk6(number: int) -> Packet:
    return (
        IPv6(src=f"2001:db8::{number:x}", dst="2001:db8::9") / UDP(sport=1000, dport=9) / Raw(bytes(number))
    )


OUTER, OUTER6 = IP(src="192.0.2.1", dst="192.0.2.2"), IPv6(src="2001:db8:f::1", dst="2001:db8:f::2")
EXTENSIONS = IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()
FRAMES = [
    Ether() / Dot1Q(vlan=5) / talk(1),
    Ether() / Dot1AD(vlan=7) / Dot1Q(vlan=5) / talk(2),
    Ether() / MPLS(label=17, s=0) / MPLS(label=18, s=1) / talk(3),
    Ether() / PPPoE(sessionid=9) / PPP(proto=0x21) / talk(4),
    Ether() / PPPoE(sessionid=9) / PPP(proto=0x57) / talk6(5),
    Ether() / OUTER / talk(6),
    Ether() / OUTER / talk6(7),
    Ether() / OUTER6 / talk6(8),
    Ether() / OUTER6 / talk(9),
    Ether() / OUTER / GRE() / talk(10),
    Ether() / OUTER6 / GRE(key_present=1, key=3, seqnum_present=1, sequence_number=4) / talk6(11),
    Ether() / OUTER / GRE(chksum_present=1) / talk(12),
    Ether() / OUTER / UDP(sport=5555, dport=4789) / VXLAN(vni=77) / Ether() / Dot1Q(vlan=6) / talk(13),
    Ether() / OUTER6 / UDP(sport=5555, dport=4789) / VXLAN(vni=77) / Ether() / talk6(14),
    Ether() / OUTER / UDP(sport=5555, dport=6081) / GENEVE(vni=77, proto=0x6558) / Ether() / talk(15),
    Ether() / OUTER / UDP(sport=5555, dport=6081) / GENEVE(vni=77, proto=0x0800) / talk(16),
    Ether() / OUTER / OUTER6 / GRE() / talk(17),
    Ether() / IPv6(src="2001:db8::12", dst="2001:db8::9") / EXTENSIONS / UDP(dport=9) / Raw(bytes(18)),
    *[Ether() / part for part in fragment(talk(200), fragsize=64)],
]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tunnels") / "tunnels.pcap"
    with PcapWriter(str(path), linktype=1) as writer:
        for frame in FRAMES:
            writer.write(frame)
    return path


def metered(capture: Path, *, opens_tunnels: bool) -> tuple[dict[Ends, tuple[int, int]], dict[str, int]]:
    """Packets and bytes by source and destination, and the meter's counters."""
    meter = MeterSettings(opens_tunnels=opens_tunnels).meter()
    meter.read(str(capture))
    (batch,) = meter.drain(everything=True)
    with duckdb.connect() as connection:
        rows = connection.from_arrow(batch).project("src_addr, dst_addr, packets, bytes").fetchall()
    found: dict[Ends, Counter[str]] = {}
    for source, destination, packets, octets in rows:
        counts = found.setdefault((text(source.bytes), text(destination.bytes)), Counter())
        counts.update(packets=packets, bytes=octets)
    return {ends: (counts["packets"], counts["bytes"]) for ends, counts in found.items()}, meter.counters()


def text(address: bytes) -> str:
    whole = IPv6Address(address)
    return str(whole.ipv4_mapped or whole)


def read_by_tshark(capture: Path, occurrence: str) -> dict[Ends, tuple[int, int]]:
    """The same by tshark: the first or the last IP header of each frame."""
    names = ("frame.protocols", "ip.src", "ip.dst", "ip.len", "ipv6.src", "ipv6.dst", "ipv6.plen")
    command = [
        find_peer("tshark"),
        "-r",
        str(capture),
        "-n",
        "-T",
        "fields",
        "-E",
        f"occurrence={occurrence}",
    ]
    # Fragments one by one, as they were on the wire.
    command += ["-o", "ip.defragment:FALSE", *(word for name in names for word in ("-e", name))]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found: dict[Ends, Counter[str]] = {}
    for line in lines:
        protocols, *values = line.split("\t")
        layers = [name for name in protocols.split(":") if name in {"ip", "ipv6"}]
        is_v6 = layers[0 if occurrence == "f" else -1] == "ipv6"
        source, destination, length = values[3:] if is_v6 else values[:3]
        octets = int(length) + (40 if is_v6 else 0)
        found.setdefault((source, destination), Counter()).update(packets=1, bytes=octets)
    return {ends: (counts["packets"], counts["bytes"]) for ends, counts in found.items()}


@pytest.mark.parametrize(("opens_tunnels", "occurrence"), [(False, "f"), (True, "l")])
def test_each_flow_is_of_the_header_that_tshark_reads(
    capture: Path, *, opens_tunnels: bool, occurrence: str
) -> None:
    ours, _ = metered(capture, opens_tunnels=opens_tunnels)
    theirs = read_by_tshark(capture, occurrence)
    assert len(theirs) > 8
    assert ours == theirs


def test_no_byte_is_lost_by_opening_tunnels(capture: Path) -> None:
    _, closed = metered(capture, opens_tunnels=False)
    _, opened = metered(capture, opens_tunnels=True)
    assert opened["packets"] == closed["packets"] == len(FRAMES)
    assert opened["bytes"] + opened["tunnel_bytes"] == closed["bytes"]
    assert opened["tunnel_bytes"] > 0 == closed["tunnel_bytes"]
