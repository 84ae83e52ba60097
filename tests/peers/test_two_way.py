"""A router whose clock is five minutes wrong, bounded by our own packets through it.

The packets are real and so are their stamps: all namespaces share the machine's clock. What meters them gets
these stamps shifted, so that headers and records of its exports are as wrong as a router's would be.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.command import answer
from tests.peers.collector import collect
from tests.peers.routed import SERVER, Route, captured, route
from tests.peers.test_ntp_peers import chrony, process
from tests.surroundings import find_peer
from tidegauge._core import Meter
from tidegauge.metering.datagram_exporter import DatagramExporter
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget

pytestmark = pytest.mark.peers

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
SECOND = 1_000_000_000
ROUNDS = 4
WIDEST_SECONDS = 0.005
OTHERS = """
import socket, sys, time
for port in range(20_000, 20_060):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        talker.bind(("", port))
        talker.sendto(b"x", (sys.argv[1], 9))
    time.sleep(0.0013)
"""
LISTEN = f"""
import socket
with socket.create_server(("{SERVER}", 443)) as listener:
    print("ready", flush=True)
    while True:
        listener.accept()[0].close()
"""


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``lake``, which holds exchanges, and ``packets.pcap``, what the router saw of them."""
    folder = tmp_path_factory.mktemp("passed")
    with route() as way, servers(way, folder), captured(way, folder / "packets.pcap"):
        subprocess.run([*way.here, sys.executable, "-c", OTHERS, SERVER], check=True)
        ask = [*way.here, sys.executable, "-m", "tidegauge", "exchanges", "ask", "--every", "1s"]
        ask += [
            f"ntp://{SERVER}",
            f"tcp://{SERVER}:443",
            "--count",
            str(ROUNDS),
            "--lake",
            str(folder / "lake"),
        ]
        subprocess.run(ask, check=True, stdout=subprocess.DEVNULL)
    return folder


@contextmanager
def servers(way: Route, folder: Path) -> Iterator[None]:
    """chronyd, and somebody who takes connections, behind the router."""
    directives = (f"bindaddress {SERVER}", "allow", "local stratum 1")
    ntp = [*way.there, *chrony(folder, *directives)]
    taking = [*way.there, sys.executable, "-c", LISTEN]
    with (
        process(ntp, folder / "chronyd.log"),
        subprocess.Popen(taking, stdout=subprocess.PIPE, text=True) as listener,
    ):
        assert listener.stdout is not None
        try:
            assert listener.stdout.readline() == "ready\n"
            yield
        finally:
            listener.terminate()


def shifted(packets: Path, path: Path, seconds: int) -> Path:
    """The same packets, stamped by a clock that is wrong by whole seconds."""
    content = bytearray(packets.read_bytes())
    place = 24
    while place < len(content):
        stamp, _, kept, _ = struct.unpack_from("<IIII", content, place)
        struct.pack_into("<I", content, place, stamp + seconds)
        place += 16 + kept
    path.write_bytes(content)
    return path


def told(passed: Path, folder: Path, export: Callable[[Path, int], None]) -> dict[str, Any]:
    """What our packets say of an exporter: ``export`` meters a capture and exports to a port."""
    lake = folder / "lake"
    shutil.copytree(passed / "lake", lake)
    with collect(lake) as port:
        export(passed / "packets.pcap", port)
        time.sleep(0.5)
    [row] = answer("exchanges", "show", "--lake", str(lake))
    return row


def wall_clock(folder: Path) -> dict[str, Any]:
    rows = answer("clocks", "--lake", str(folder / "lake"))
    return next(row for row in rows if row["clock"] == "wall")


@pytest.mark.parametrize("wrong_by", [300, -300])
@pytest.mark.parametrize(("version", "widest"), [("ipfix", WIDEST_SECONDS), ("netflow9", 1.1)])
def test_a_router_five_minutes_wrong_is_bounded_from_both_sides(
    passed: Path, tmp_path: Path, wrong_by: int, version: str, widest: float
) -> None:
    """NetFlow v9 tells times by whole seconds of its header, and here all in one datagram."""

    def export(packets: Path, port: int) -> None:
        meter = Meter()
        meter.read(str(shifted(packets, tmp_path / "shifted.pcap", wrong_by)))
        now = time.time_ns() + wrong_by * SECOND
        with DatagramExporter(
            ExportTarget(version, "127.0.0.1", port), ExportSettings(), boot_time=now - 86_400 * SECOND
        ) as exporter:
            for batch in meter.drain(everything=True):
                exporter.send(batch, now)

    row, wall = told(passed, tmp_path, export), wall_clock(tmp_path)
    for clock in (row, wall):
        assert clock["offset_low"] <= wrong_by <= clock["offset_high"] <= clock["offset_low"] + widest
    assert (wall["state"], wall["method"]) == ("wrong", f"two-way ({2 * ROUNDS} exchanges)")
    assert (row["exchanges"], row["packets_seen"], row["note"]) == (2 * ROUNDS, row["packets_known"], "")


def test_headers_five_minutes_ahead_of_right_records_are_told_apart(passed: Path, tmp_path: Path) -> None:
    """softflowd under a false clock writes it into headers only: packets carry the kernel's stamps."""

    def export(packets: Path, port: int) -> None:
        false = ["env", f"LD_PRELOAD={FAKETIME}", "FAKETIME=+300s", find_peer("softflowd")]
        read = ["-r", str(packets), "-n", f"127.0.0.1:{port}", "-p", str(tmp_path / "pid")]
        command = [*false, *read, "-v", "10", "-A", "milli", "-c", "none", "-d"]
        subprocess.run(command, check=True, capture_output=True, timeout=30)

    row = told(passed, tmp_path, export)
    assert row["offset_low"] <= 0 <= row["offset_high"] <= row["offset_low"] + WIDEST_SECONDS
    assert "its headers tell another time" in row["note"]
    assert "its records tell another time" in wall_clock(tmp_path)["note"]
    told_flows = answer("flows", "--lake", str(tmp_path / "lake"), "--limit", "0")
    assert {flow["clock_correction"] for flow in told_flows} == {None}, "the records are right"
