"""Losses of a real connection, against the sender's own count, in front of the loss and behind it."""

from __future__ import annotations

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


def download(capture: Path, lake: Path) -> dict[str, Any]:
    """What our probe says of the server's direction."""
    tidegauge("probe", "--read", str(capture), "--lake", str(lake))
    rows = flows(Lake.open(lake), Query(filter="src_port 8080"), time.time_ns()).data
    assert len(rows) == 1
    return dict(rows[0])


def test_what_the_sender_sent_again_is_seen_on_both_sides_of_the_loss(tmp_path: Path) -> None:
    with route() as way, ExitStack() as stack:
        one_packet_is_one_frame(way)
        lose(way)
        for interface in ("inside", "outside"):
            path = tmp_path / f"{interface}.pcap"
            stack.enter_context(captured(interface, path, "tcp", place=way.router, most_bytes=128))
        with subprocess.Popen([*way.there, sys.executable, "-c", SERVE]) as server:
            wait_until(lambda: b":1F90 " in subprocess.check_output([*way.there, "cat", "/proc/net/tcp"]))
            subprocess.run([*way.here, sys.executable, "-c", FETCH], check=True, timeout=60)
            server.wait(10)
        stack.close()
        again, dropped = sent_again(way), lost(way)
    before, behind = (
        download(tmp_path / f"{place}.pcap", tmp_path / place) for place in ("outside", "inside")
    )
    assert again > 0
    assert before["retransmits"] == again, "in front of the loss, each passes twice"
    # A machine with two processors overtakes itself at times.
    assert before["late_fills"] <= 0.1 * again
    # Behind it, what was lost passes once, and late; what was sent again in vain passes twice.
    assert behind["packets"] == before["packets"] - dropped
    # Where a tick of the sender's clock is longer than the round trip, some pass for overtaken.
    assert behind["late_fills"] >= 0.75 * again
