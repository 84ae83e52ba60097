"""Real exporters of NetFlow 1, 5 and 7: every packet they saw is in the lake."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.command import answer
from tests.peers.collector import collect, send
from tests.peers.fprobe import VERSIONS, fprobe
from tests.peers.namespaces import cable
from tests.peers.softflowd import PACKETS, export
from tests.peers.totals import packets_by_source, totals_by_source

pytestmark = pytest.mark.peers

DATAGRAMS, PAYLOAD, PORTS = 60, 200, 6
LIMIT_SECONDS = 60.0
SENDER = f"""
import socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for number in range({DATAGRAMS}):
        sender.sendto(bytes({PAYLOAD}), (sys.argv[1], 9000 + number % {PORTS}))
        time.sleep(0.002)
"""


@pytest.mark.proves("B1")
def test_softflowd_speaks_version_1(tmp_path: Path) -> None:
    with collect(tmp_path / "lake") as port:
        send(export("netflow1"), port)
    ours = {
        source: (total.bytes, total.packets) for source, total in totals_by_source(tmp_path / "lake").items()
    }
    assert ours == packets_by_source(PACKETS, has_ipv6=False)


@pytest.mark.proves("B1", "B2", "B8")
def test_fprobe_tells_the_same_in_three_versions(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with cable() as wire, collect(lake, wire.here) as port, ExitStack() as running:
        for version in VERSIONS:
            running.enter_context(fprobe(port, wire.here, wire.interface, version))
        command = [*wire.there, sys.executable, "-c", SENDER, wire.address]
        subprocess.run(command, check=True, timeout=30)
        _wait_for_all(lake)
    for version in VERSIONS:
        assert _told(lake, version) == {
            9000 + place: (DATAGRAMS // PORTS, DATAGRAMS // PORTS * (PAYLOAD + 28)) for place in range(PORTS)
        }


def _told(lake: Path, version: str) -> dict[int, tuple[int, int]]:
    condition = ("protocol_version", version, "and", "dst_port", ">=", "9000", "and", "proto", "udp")
    rows = answer("top", "dst_port", *condition, "--lake", str(lake))
    return {row["dst_port"]: (row["packets"], row["bytes"]) for row in rows if row["dst_port"] < 9000 + PORTS}


def _wait_for_all(lake: Path) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        told = [sum(packets for packets, _ in _told(lake, version).values()) for version in VERSIONS]
        if min(told) >= DATAGRAMS:
            return
        time.sleep(0.5)
