"""softflowd, a real meter and exporter, run over a capture file.

``python -m tests.peers.softflowd`` records what it exports for ``packets.pcap`` into
``tests/data/softflowd``, so that a machine without softflowd still tests against the real thing.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import PcapWriter

from tests.surroundings import ROOT, find_peer

PACKETS = ROOT / "tests/data/packets.pcap"
RECORDED = ROOT / "tests/data/softflowd"
VERSIONS = {"netflow5": "5", "netflow9": "9", "ipfix": "10"}
NUMBERS = {**VERSIONS, "netflow1": "1"}
LONGEST_SILENCE_SECONDS = 1.0


def export(protocol_version: str, packets: Path = PACKETS) -> list[bytes]:
    """Let softflowd meter a capture, and return the datagrams it sends.

    It exports the name of the file as that of its interface, so it runs beside the file.
    ``-c none`` is vital: without it softflowd waits for its control socket for ever. ``-a`` takes
    the time from the packets, so every run exports the same flows.
    """
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener,
        tempfile.TemporaryDirectory() as folder,
    ):
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(LONGEST_SILENCE_SECONDS)
        destination = f"127.0.0.1:{listener.getsockname()[1]}"
        command = [find_peer("softflowd"), "-r", packets.name, "-n", destination, "-p", f"{folder}/pid"]
        command += ["-v", NUMBERS[protocol_version], "-a", "-6", "-A", "milli", "-c", "none", "-d"]
        subprocess.run(command, cwd=packets.parent, capture_output=True, check=True, timeout=30)
        return received(listener)


def received(listener: socket.socket) -> list[bytes]:
    datagrams = []
    while True:
        try:
            datagrams.append(listener.recv(65535))
        except TimeoutError:
            return datagrams


def recorded(protocol_version: str) -> Path:
    """The committed recording of what softflowd exports for ``packets.pcap``."""
    return RECORDED / f"{protocol_version}.pcap"


def save(datagrams: Sequence[bytes], path: Path) -> None:
    """Write datagrams as a capture, each arriving in the second its header names."""
    with PcapWriter(str(path), linktype=1) as writer:
        writer.write_header(None)
        for datagram in datagrams:
            is_ipfix = datagram[1] == 10
            seconds = int.from_bytes(datagram[4:8] if is_ipfix else datagram[8:12])
            frame = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
            packet = (
                frame / IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=2056, dport=2055) / Raw(datagram)
            )
            writer.write_packet(bytes(packet), sec=seconds, usec=0)


if __name__ == "__main__":
    RECORDED.mkdir(parents=True, exist_ok=True)
    for version in VERSIONS:
        save(export(version), recorded(version))
