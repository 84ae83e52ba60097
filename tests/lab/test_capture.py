from __future__ import annotations

from pathlib import Path

from scapy.layers.inet import IP, UDP
from scapy.utils import rdpcap

from tidegauge.lab.capture import CaptureFile

ARRIVAL = 1_750_000_000_123_456_789


def test_others_can_read_the_capture(tmp_path: Path) -> None:
    path = tmp_path / "export.pcap"
    with CaptureFile(path) as capture:
        capture.add(b"\x00\x0a" + bytes(11), ("127.0.0.11", 40_000), ("127.0.0.1", 2055), ARRIVAL)
        capture.add(b"second", ("127.0.0.12", 40_001), ("127.0.0.1", 2055), ARRIVAL + 1)
    first, second = rdpcap(str(path))
    assert (first[IP].src, first[IP].dst, first[UDP].sport, first[UDP].dport) == (
        "127.0.0.11",
        "127.0.0.1",
        40_000,
        2055,
    )
    assert bytes(first[UDP].payload) == b"\x00\x0a" + bytes(11)
    assert int(first.time * 10**9) == ARRIVAL
    assert bytes(second[UDP].payload) == b"second"


def test_the_ip_checksum_is_right(tmp_path: Path) -> None:
    path = tmp_path / "export.pcap"
    with CaptureFile(path) as capture:
        capture.add(b"payload", ("127.0.0.11", 40_000), ("127.0.0.1", 2055), ARRIVAL)
    (packet,) = rdpcap(str(path))
    claimed = packet[IP].chksum
    del packet[IP].chksum
    assert IP(bytes(packet[IP])).chksum == claimed
