"""Real agents of sFlow: what they sampled is in the lake, packet for packet, and what they counted."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import answer
from tests.peers.collector import collect, send
from tests.peers.openvswitch import switch
from tests.peers.pmacctd import sample
from tests.peers.softflowd import PACKETS
from tests.peers.totals import packets_by_source, totals_by_source

pytestmark = pytest.mark.peers

DATAGRAMS, PAYLOAD = 60, 200
LIMIT_SECONDS = 60.0
OFTEN = 8
"""Readings after which there is one of each port at least: the switch has three, and tells of itself."""
SENDER = f"""
import socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for number in range({DATAGRAMS}):
        sender.sendto(bytes({PAYLOAD}), (sys.argv[1], 9000 + number % 6))
        time.sleep(0.005)
"""


@pytest.mark.proves("F1", "F9", "F10")
def test_pmacctd_samples_every_packet_of_a_capture(tmp_path: Path) -> None:
    with collect(tmp_path / "lake") as port:
        send(sample(tmp_path), port)
    ours = {
        source: (total.bytes, total.packets) for source, total in totals_by_source(tmp_path / "lake").items()
    }
    # The last samples wait for a datagram to be full, and it ends before that is.
    count = sum(packets for _, packets in ours.values())
    assert count > 500
    assert ours == packets_by_source(PACKETS, first=count)
    [row] = answer("top", "exporter,protocol_version", "--lake", str(tmp_path / "lake"))
    assert (row["exporter"], row["protocol_version"]) == ("192.0.2.33", "sflow5")
    ledger = answer("ledger", "--lake", str(tmp_path / "lake"))
    assert sum(row["lost_sequence"] for row in ledger) == 0


@pytest.mark.proves("F2", "F8")
def test_open_vswitch_tells_packets_and_counters(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with switch(tmp_path / "switch") as running, collect(lake, running.here) as port:
        running.export(port, sampling=1, polling_seconds=1)
        # A counter tells what passes between two readings.
        before = _wait_until(lake, lambda _, readings: readings >= OFTEN)
        command = [*running.hosts[0], sys.executable, "-c", SENDER, running.addresses[1]]
        subprocess.run(command, check=True, timeout=30)
        _wait_until(lake, lambda packets, readings: packets >= DATAGRAMS and readings >= before + OFTEN)
    rows = answer(
        "top", "dst_port", "src", "ip", running.addresses[0], "and", "proto", "udp", "--lake", str(lake)
    )
    sent = {9000 + place: (DATAGRAMS // 6, DATAGRAMS // 6 * (PAYLOAD + 28)) for place in range(6)}
    assert {
        row["dst_port"]: (row["packets"], row["bytes"]) for row in rows if row["dst_port"] in sent
    } == sent
    links = {row["interface"]: row["counted_in"] for row in answer("links", "--lake", str(lake))}
    assert any(counted and counted > DATAGRAMS * PAYLOAD for counted in links.values()), links


def _wait_until(lake: Path, is_there: Callable[[int, int], bool]) -> int:
    """Until enough packets and readings are there; returns how many readings those are."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        rows = answer("top", "protocol_version", "dst_port", ">=", "9000", "--lake", str(lake))
        readings: int = sum(row["option_records"] for row in answer("ledger", "--lake", str(lake)))
        if is_there(rows[0]["packets"] if rows else 0, readings):
            return readings
        time.sleep(0.5)
    raise AssertionError("the switch told too little")
