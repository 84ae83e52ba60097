"""Files of exports: datagrams one after another, and captures that hold other things beside them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.conformance.sflow import FRAME, datagram, ethernet, flow_sample, header, ipv4
from tests.conformance.test_netflow_without_templates import SUMS
from tests.conformance.test_netflow_without_templates import datagram as netflow
from tests.conformance.test_netflow_without_templates import record as netflow_record
from tidegauge._core import Decoder

SFLOW = datagram(flow_sample(header(FRAME)))
NETFLOW8 = netflow(8, struct.pack(">5I4H", *SUMS, 1, 2, 3, 4), 1, scheme=1)
STUN = struct.pack(">HHI12s", 1, 8, 0x2112A442, bytes(range(12))) + bytes(8)
DNS = struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\x07example\0" + struct.pack(">HH", 1, 1)
TFTP = b"\0\1boot.cfg\0octet\0"


def counted(path: Path) -> dict[str, int]:
    decoder = Decoder()
    while decoder.read(str(path), "::"):
        decoder.drain()
    found: dict[str, int] = {}
    for exporter in decoder.exporters():
        version = exporter.protocol_version
        found[version] = found.get(version, 0) + exporter.counters["records"]
    return found


def capture(path: Path, *payloads: bytes, fragment: int = 0) -> Path:
    """Each payload in UDP, as a frame of a pcap file; ``fragment`` is IPv4's field of that."""
    content = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for payload in payloads:
        packet = bytearray(ipv4(struct.pack(">HHHH", 9, 2055, 8 + len(payload), 0) + payload, protocol=17))
        packet[6:8] = struct.pack(">H", fragment)
        frame = ethernet(bytes(packet), 0x0800)
        content += struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame
    path.write_bytes(content)
    return path


@pytest.mark.proves("A7")
def test_datagrams_of_every_version_lie_one_after_another(tmp_path: Path) -> None:
    made = [netflow(version, netflow_record(version) * 2, 2) for version in (1, 5, 6, 7)]
    path = tmp_path / "all.dat"
    path.write_bytes(b"".join([SFLOW, *made, NETFLOW8, SFLOW, bytes(6), made[1], bytes(3), SFLOW]))
    assert counted(path) == {
        "netflow1": 2, "netflow5": 4, "netflow6": 2, "netflow7": 2, "netflow8": 1, "sflow5": 3
    }  # fmt: skip


@pytest.mark.proves("A9")
@pytest.mark.parametrize("fragment", [0x2000, 0x0001, 0x2001])
def test_a_fragment_is_never_taken_for_a_datagram(tmp_path: Path, fragment: int) -> None:
    assert counted(capture(tmp_path / "whole.pcap", SFLOW, NETFLOW8)) == {"sflow5": 1, "netflow8": 1}
    assert counted(capture(tmp_path / "parts.pcap", SFLOW, NETFLOW8, fragment=fragment)) == {}


@pytest.mark.parametrize("payload", [STUN, DNS, TFTP, bytes(64), b"\0\0\0\5" + bytes(60)])
def test_what_only_begins_like_an_export_is_none(tmp_path: Path, payload: bytes) -> None:
    assert counted(capture(tmp_path / "other.pcap", payload)) == {}
