"""The live probe on real packets, held against what the kernel and the senders say went over the wire."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Dot1Q, Ether

from tests.command import answer
from tests.peers.collector import collect
from tests.peers.namespaces import Cable, cable, ip
from tests.peers.probe import probe
from tests.surroundings import find_peer

pytestmark = pytest.mark.peers

UDP_OVER_V4 = 28
TCP_SYN, TCP_SEGMENT = 60, 52  # with the options that Linux sends, time stamps among them
TCP_BYTES = 20_000_000
SEGMENTS_OUT, SEGMENTS_IN, BYTES_SENT_AGAIN = 136, 140, 208  # places in struct tcp_info

SINK = """
import contextlib, socket, sys
with socket.create_server((sys.argv[1], 9), family=socket.AF_INET) as server:
    print("listening", flush=True)
    link, _ = server.accept()
    left = int(sys.argv[2])
    while left:
        left -= len(link.recv(min(left, 1 << 20)))
    link.send(b"k")
    with contextlib.suppress(ConnectionResetError):
        link.recv(1)
"""
# The kernel's own count of segments comes from the sending socket while it rests; then one reset ends it.
SOURCE = f"""
import json, socket, struct, sys, time
link = socket.create_connection((sys.argv[1], 9))
link.sendall(bytes(int(sys.argv[2])))
assert link.recv(1) == b"k"
time.sleep(0.3)
info = link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
link.close()
again = struct.unpack_from("Q", info, {BYTES_SENT_AGAIN})
print(json.dumps(struct.unpack_from("II", info, {SEGMENTS_OUT}) + again))
"""
TALK = """
import socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
    print(time.time_ns())
    for _ in range(int(sys.argv[2])):
        talker.sendto(bytes(int(sys.argv[3])), (sys.argv[1], 9))
"""
SEND_FRAME = """
import socket, sys
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
    wire.bind(("wire", 0))
    wire.send(bytes.fromhex(sys.argv[1]))
"""
SEGMENTED = """
import socket, sys
UDP_SEGMENT = 103
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
    talker.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
    talker.sendto(bytes(20_500), (sys.argv[1], 9))
"""


# A link without headers, and somebody at its other end.
TUN = """
import fcntl, struct, sys
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
tun = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"tunnel", IFF_TUN | IFF_NO_PI))
print("there", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def wire() -> Iterator[Cable]:
    with cable() as laid:
        yield laid


def run(place: tuple[str, ...], script: str, *arguments: object) -> str:
    command = [*place, sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def flows(lake: Path, *written: str) -> list[dict[str, Any]]:
    return answer("flows", *written, "--lake", str(lake))


def totals(rows: list[dict[str, Any]]) -> tuple[int, int]:
    return sum(row["packets"] for row in rows), sum(row["bytes"] for row in rows)


def test_super_frames_count_as_what_went_over_the_wire(wire: Cable, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    sink = [*wire.there, sys.executable, "-c", SINK, wire.far_address, str(TCP_BYTES)]
    with (
        collect(lake, wire.here) as port,
        probe(port, wire.here, "--interface", wire.interface),
        subprocess.Popen(sink, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout is not None
        assert server.stdout.readline() == "listening\n"
        out, back, again = json.loads(run(wire.here, SOURCE, wire.far_address, TCP_BYTES))
        run(wire.here, SEGMENTED, wire.far_address)
    sent = flows(lake, "proto tcp and src ip", wire.address)
    assert totals(sent) == (out + 1, TCP_BYTES + again + TCP_SYN + out * TCP_SEGMENT)
    assert totals(flows(lake, "proto tcp and dst ip", wire.address))[0] == back
    assert out > TCP_BYTES // 1448, "the segments of the wire, not the frames that we were handed"
    assert totals(flows(lake, "proto udp and dst port 9")) == (21, 20_500 + 21 * UDP_OVER_V4)
    (index,) = {row["out_interface"] for row in sent}
    assert {row["direction"] for row in sent} == {1}
    assert {(row["direction"], row["in_interface"]) for row in flows(lake, "dst ip", wire.address)} == {
        (0, index)
    }


def test_times_are_right_to_the_millisecond_and_silence_ends_a_flow(wire: Cable, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    options = ("--interface", wire.interface, "--idle-timeout", "1")
    with collect(lake, wire.here) as port, probe(port, wire.here, *options):
        began = int(run(wire.here, TALK, wire.far_address, 3, 100))
        ended = time.time_ns()
        time.sleep(2.5)
        # While no other packet comes.
        (flow,) = flows(lake, "dst port 9 and proto udp")
    assert (flow["vlan"], flow["packets"], flow["bytes"]) == (None, 3, 3 * (100 + UDP_OVER_V4))
    assert flow["flow_end_reason"] == 1
    start = datetime.fromisoformat(flow["start"][:26] + "+00:00").timestamp()
    assert began / 1e9 - 0.001 <= start <= ended / 1e9


def test_a_tag_that_was_taken_off_before_us_is_seen(wire: Cable, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    addresses = IP(src="198.51.100.2", dst="198.51.100.1")
    frame = (
        Ether(src="02:00:00:00:00:02", dst="02:00:00:00:00:01") / Dot1Q(vlan=42) / addresses / UDP(dport=9)
    )
    with collect(lake, wire.here) as port, probe(port, wire.here, "--interface", wire.interface):
        run(wire.there, SEND_FRAME, bytes(frame).hex())
    (flow,) = flows(lake, "src ip 198.51.100.2")
    assert (flow["vlan"], flow["bytes"], flow["src_mac"]) == (42, UDP_OVER_V4, "02:00:00:00:00:02")


@pytest.mark.parametrize("threads", [1, 2])
def test_every_frame_is_metered_or_counted_as_dropped(wire: Cable, tmp_path: Path, threads: int) -> None:
    # More than the rings of all threads hold together, however the flows are shared among them.
    sent, size = threads * 30_000, 1_400
    lake = tmp_path / "lake"
    options = ("--interface", wire.interface, "--interface", "lo", "--threads", str(threads))
    with collect(lake, wire.here) as port, probe(port, wire.here, *options) as running:
        os.kill(running.process.pid, signal.SIGSTOP)
        for _ in range(4):
            run(wire.here, TALK, wire.far_address, sent // 4, size)
        os.kill(running.process.pid, signal.SIGCONT)
    dropped = running.counted(r"dropped (\d+) frames")
    rows = flows(lake, "dst ip", wire.far_address, "and dst port 9")
    assert totals(rows)[0] + dropped >= sent
    assert dropped > 0
    # Other frames on the wire (neighbour discovery) may be among the dropped ones.
    assert totals(rows)[0] + dropped - sent < 100
    assert totals(rows)[1] == totals(rows)[0] * (size + UDP_OVER_V4)


def test_a_link_without_headers_is_metered(wire: Cable, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    end = [*wire.here, sys.executable, "-c", TUN]
    with subprocess.Popen(end, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tun:
        assert tun.stdout is not None
        assert tun.stdout.readline() == "there\n"
        ip("-n", wire.here[-1], "address", "add", "198.51.100.1/30", "dev", "tunnel")
        ip("-n", wire.here[-1], "link", "set", "tunnel", "up")
        with collect(lake, wire.here) as port, probe(port, wire.here, "--interface", "tunnel"):
            run(wire.here, TALK, "198.51.100.2", 7, 10)
        tun.communicate("")
    (flow,) = flows(lake, "dst port 9")
    assert (flow["packets"], flow["bytes"], flow["src_mac"]) == (7, 7 * (10 + UDP_OVER_V4), None)


def test_what_crosses_the_loopback_counts_once(wire: Cable, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with collect(lake, wire.here) as port, probe(port, wire.here, "--interface", "lo"):
        run(wire.here, TALK, "127.0.0.1", 50, 10)
    assert totals(flows(lake, "dst port 9")) == (50, 50 * (10 + UDP_OVER_V4))
    [row] = answer("top", "dst_port", "--duplicates", "all", "--lake", str(lake), "dst", "port", "9")
    assert row["packets"] == 50, "nor does anything that would be taken for a duplicate"


def test_an_interface_that_is_removed_ends_the_probe_with_all_that_passed(
    wire: Cable, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    command = [*wire.here, sys.executable, "-m", "tidegauge", "probe", "--interface", wire.interface]
    with collect(lake, wire.here) as port:
        command += ["--export", f"netflow9+udp://127.0.0.1:{port}"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            assert running.stderr.readline().startswith("metering ")
            run(wire.here, TALK, wire.far_address, 5, 10)
            ip("-n", wire.here[-1], "link", "delete", wire.interface)
            _, talk = running.communicate(timeout=20)
    assert running.returncode == 4
    assert "was removed" in talk
    assert totals(flows(lake, "dst port 9"))[0] == 5


def test_a_flood_of_random_sources_is_one_flow_and_an_honest_one_stays_exact(
    wire: Cable, tmp_path: Path
) -> None:
    lake, syns, table, payload = tmp_path / "lake", 20_000, 4_000, 1_000_000
    flood = [*wire.here, find_peer("hping3"), "-q", "-S", "-p", "80", "--rand-source", "-i", "u50"]
    flood += ["-c", str(syns), wire.far_address]
    sink = [*wire.there, sys.executable, "-c", SINK, wire.far_address, str(payload)]
    options = ("--interface", wire.interface, "--maximum-flows", str(table))
    quiet = subprocess.DEVNULL
    with (
        collect(lake, wire.here) as port,
        probe(port, wire.here, *options) as running,
        subprocess.Popen(sink, stdout=subprocess.PIPE, text=True) as server,
        subprocess.Popen(flood, stdout=quiet, stderr=quiet) as flooding,
    ):
        assert server.stdout is not None
        assert server.stdout.readline() == "listening\n"
        out, _, again = json.loads(run(wire.here, SOURCE, wire.far_address, payload))
        flooding.wait(timeout=30)
    honest = flows(lake, "proto tcp and dst port 9 and src ip", wire.address)
    assert totals(honest) == (out + 1, payload + again + TCP_SYN + out * TCP_SEGMENT)
    flooded = flows(lake, "dst port 80 and dst ip", wire.far_address)
    assert totals(flooded)[0] == syns
    (together,) = [row for row in flooded if row["src_addr"] == "0.0.0.0"]
    assert (together["src_port"], together["tcp_flags"], together["flow_end_reason"]) == (0, 2, 5)
    assert together["packets"] == running.counted(r"(\d+) flows of a flood") > syns - table - 100
