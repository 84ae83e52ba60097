"""Write ``packets.pcap``: a minute of a small office, the same bytes at every run.

``python tests/data/packets.py``. Six hosts talk TCP, UDP and ICMP over IPv4 and IPv6 with servers
of very different appetite, so that totals by source differ and cannot be right by chance. Packets
are cut to their headers, as a meter with a short snap length sees them; the lengths are the true ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw
from scapy.utils import PcapWriter

PACKETS = Path(__file__).with_suffix(".pcap")
START = 1_767_268_800  # 2026-01-01T12:00:00Z
SNAP_LENGTH = 96
CLIENTS = [f"192.168.10.{number}" for number in range(11, 17)]
SERVERS = ["203.0.113.20", "203.0.113.21", "198.51.100.7"]
CLIENTS_V6 = ["2001:db8:10::11", "2001:db8:10::12"]
SERVER_V6 = "2001:db8:ff::20"


def network(source: str, destination: str) -> Packet:
    return IPv6(src=source, dst=destination) if ":" in source else IP(src=source, dst=destination)


def padded(packet: Packet, payload_bytes: int) -> Packet:
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet / Raw(bytes(payload_bytes))


def download(chance: random.Random, client: str, server: str, packets: int) -> Iterator[Packet]:
    """A TCP connection from SYN to FIN, most of it towards the client."""
    port = chance.randint(32768, 60999)
    yield padded(network(client, server) / TCP(sport=port, dport=443, flags="S"), 0)
    yield padded(network(server, client) / TCP(sport=443, dport=port, flags="SA"), 0)
    for _ in range(packets):
        yield padded(
            network(server, client) / TCP(sport=443, dport=port, flags="A"), chance.randint(200, 1400)
        )
        if chance.random() < 0.5:
            yield padded(network(client, server) / TCP(sport=port, dport=443, flags="A"), 0)
    yield padded(network(client, server) / TCP(sport=port, dport=443, flags="FA"), 0)
    yield padded(network(server, client) / TCP(sport=443, dport=port, flags="FA"), 0)


def lookup(chance: random.Random, client: str) -> Iterator[Packet]:
    """A DNS question and its answer."""
    port = chance.randint(32768, 60999)
    yield padded(network(client, "192.168.10.1") / UDP(sport=port, dport=53), chance.randint(30, 60))
    yield padded(network("192.168.10.1", client) / UDP(sport=53, dport=port), chance.randint(60, 300))


def conversations(chance: random.Random) -> Iterator[Iterator[Packet]]:
    for weight, client in enumerate(CLIENTS, start=1):
        for server in SERVERS:
            yield lookup(chance, client)
            yield download(chance, client, server, chance.randint(2, 6) * weight)
        yield iter([padded(network(client, SERVERS[0]) / ICMP(id=weight), 56)])
    for client in CLIENTS_V6:
        yield download(chance, client, SERVER_V6, 12)


def write(path: Path) -> None:
    chance = random.Random(2026)
    timed = []
    for conversation in conversations(chance):
        moment = chance.uniform(0, 40)
        for packet in conversation:
            timed.append((moment, bytes(packet)))
            moment += chance.uniform(0.001, 0.2)
    with PcapWriter(str(path), linktype=1, snaplen=SNAP_LENGTH) as writer:
        writer.write_header(None)
        for moment, frame in sorted(timed):
            microseconds = round(moment * 1_000_000)
            writer.write_packet(
                frame[:SNAP_LENGTH],
                sec=START + microseconds // 1_000_000,
                usec=microseconds % 1_000_000,
                wirelen=len(frame),
            )


if __name__ == "__main__":
    write(PACKETS)
