"""Losses of a real connection, against the sender's own count, in front of the loss and behind it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.command import tidegauge
from tests.flow_sender import wait_until
from tests.peers.capture import captured
from tests.peers.routed import SERVER, Route, route
from tests.surroundings import find_peer
from tidegauge.analysis.flows import flows
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.peers

BYTES = 6_000_000
LOST_PER_THOUSAND = 15
SERVE = f"""
import socket
listening = socket.create_server(("", 8080))
served, _ = listening.accept()
served.sendall(bytes({BYTES}))
served.shutdown(socket.SHUT_WR)
served.recv(1)
"""
FETCH = f"""
import socket
got, link = 0, socket.create_connection(("{SERVER}", 8080))
while part := link.recv(1 << 16):
    got += len(part)
assert got == {BYTES}
"""


# A program that is busy with something else at times, longer than the sender leaves a little room unused.
FETCH_SLOWLY = f"""
import socket, time
link = socket.socket()
link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
link.connect(("{SERVER}", 8080))
got = 0
while part := link.recv(1 << 16):
    if got * 4 // {BYTES} < (got + len(part)) * 4 // {BYTES}:
        time.sleep(0.6)
    got += len(part)
assert got == {BYTES}
"""


def sent_again(way: Route) -> int:
    """Segments that the server's kernel says it sent again."""
    command = [*way.there, "cat", "/proc/net/snmp"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    names, values = (line.split() for line in lines if line.startswith("Tcp:"))
    return int(dict(zip(names, values, strict=True))["RetransSegs"])


def one_packet_is_one_frame(way: Route) -> None:
    for place, interfaces in (
        (way.here, ["wire"]),
        (way.router, ["inside", "outside"]),
        (way.there, ["wire"]),
    ):
        for interface in interfaces:
            command = ["ip", "link", "set", interface, "gso_max_segs", "1"]
            subprocess.run([*place, *command], check=True, capture_output=True)


def lose(way: Route) -> None:
    """Lose some packets on their way from the server, behind ``outside`` and in front of ``inside``."""
    rules = f"""
        table ip loss {{
          chain forward {{
            type filter hook forward priority 0;
            iifname "outside" ip length > 1000 numgen random mod 1000 < {LOST_PER_THOUSAND} counter drop
          }}
        }}
        """
    subprocess.run([*way.router, find_peer("nft"), "-f", "-"], input=rules, check=True, text=True)


def lost(way: Route) -> int:
    command = [*way.router, find_peer("nft"), "list", "table", "ip", "loss"]
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(words[words.index("packets") + 1])


def download(capture: Path, lake: Path, direction: str = "src_port 8080") -> dict[str, Any]:
    """What our probe says of the server's direction, unless told otherwise."""
    if not lake.exists():
        tidegauge("probe", "--read", str(capture), "--lake", str(lake))
    rows = flows(Lake.open(lake), Query(filter=direction), time.time_ns()).data
    assert len(rows) == 1
    return dict(rows[0])


def fetched(way: Route, how: str) -> None:
    """Let the client fetch all that the server has.

    Both have one processor: what two of them send for one connection, one for the program and one for an
    acknowledgement that came, overtakes itself.
    """
    one = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]
    with subprocess.Popen([*way.there, *one, sys.executable, "-c", SERVE]) as server:
        wait_until(lambda: b":1F90 " in subprocess.check_output([*way.there, "cat", "/proc/net/tcp"]))
        subprocess.run([*way.here, *one, sys.executable, "-c", how], check=True, timeout=60)
        server.wait(10)


def told_by_tshark(capture: Path, condition: str, field: str = "frame.number") -> list[str]:
    """A field of the frames that meet a condition."""
    command = [find_peer("tshark"), "-r", str(capture), "-d", "tcp.port==8080,data", "-Y", condition]
    found = subprocess.run(
        [*command, "-T", "fields", "-e", field], capture_output=True, text=True, check=True
    )
    return found.stdout.split()


def test_what_the_sender_sent_again_is_seen_on_both_sides_of_the_loss(tmp_path: Path) -> None:
    with route() as way, ExitStack() as stack:
        one_packet_is_one_frame(way)
        lose(way)
        for interface in ("inside", "outside"):
            path = tmp_path / f"{interface}.pcap"
            stack.enter_context(captured(interface, path, "tcp", place=way.router, most_bytes=128))
        fetched(way, FETCH)
        stack.close()
        again, dropped = sent_again(way), lost(way)
    before, behind = (
        download(tmp_path / f"{place}.pcap", tmp_path / place) for place in ("outside", "inside")
    )
    assert again > 0
    assert before["retransmits"] == again, "in front of the loss, each passes twice"
    # What an interrupt on the other processor sends may overtake the rest all the same.
    assert before["late_fills"] <= 0.1 * again
    # Behind it, what was lost passes once, and late; what was sent again in vain passes twice.
    assert behind["packets"] == before["packets"] - dropped
    # Where a tick of the sender's clock is longer than the round trip, some pass for overtaken.
    assert behind["late_fills"] >= 0.75 * again
    for place, found in (("outside", before), ("inside", behind)):
        [seconds] = set(told_by_tshark(tmp_path / f"{place}.pcap", "tcp.analysis.initial_rtt", INITIAL_RTT))
        assert found["tcp_rtt"] == pytest.approx(float(seconds) * 1e9, abs=1)
    # In front of the loss tshark counts the same, but for those that it takes for overtaken.
    theirs = told_by_tshark(tmp_path / "outside.pcap", "tcp.srcport == 8080 && tcp.analysis.retransmission")
    overtaken = told_by_tshark(tmp_path / "outside.pcap", "tcp.srcport == 8080 && tcp.analysis.out_of_order")
    assert len(theirs) <= again <= len(theirs) + len(overtaken)


INITIAL_RTT = "tcp.analysis.initial_rtt"


def test_windows_without_room_are_those_that_tshark_sees(tmp_path: Path) -> None:
    path = tmp_path / "slow.pcap"
    with route() as way:
        one_packet_is_one_frame(way)
        with captured("inside", path, "tcp", place=way.router, most_bytes=128):
            fetched(way, FETCH_SLOWLY)
    full = told_by_tshark(path, "tcp.dstport == 8080 && tcp.window_size_value == 0 && tcp.flags.reset == 0")
    assert len(full) == len(told_by_tshark(path, "tcp.dstport == 8080 && tcp.analysis.zero_window")) > 0
    assert download(path, tmp_path / "lake", "dst_port 8080")["zero_windows"] == len(full)
