"""Real translation by Linux: the lake knows both sides of it, and counts what the kernel counts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.command import answer
from tests.peers.collector import collect
from tests.peers.masqueraded import PUBLIC, masqueraded, setting
from tests.peers.probe import probe
from tests.peers.routed import SERVER, US, Route

pytestmark = pytest.mark.peers

PORT = 8080
CONNECTIONS = 3
SIZE = 300_000
OLD, BURST = 10, 20_000
NAT44_CREATE = 4
SECOND = 1_000_000_000
# Gives as many bytes as the path says, and prints from which port each client came.
SERVE = f"""
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(*self.client_address, flush=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(bytes(int(self.path[1:])))
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("{SERVER}", {PORT}), Handler)
print("ready", flush=True)
server.serve_forever()
"""


class Counted(NamedTuple):
    """A connection as the kernel's own tool shows it at its end."""

    private_port: int
    public_port: int
    up: tuple[int, int]
    down: tuple[int, int]


@pytest.fixture
def way() -> Iterator[Route]:
    with masqueraded() as laid:
        yield laid


@contextmanager
def serving(place: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    command = [*place, sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield server
        finally:
            server.kill()


def kernel_counts(place: Sequence[str]) -> list[Counted]:
    """What conntrack-tools shows of the connections to the server."""
    shown = subprocess.run(
        [*place, "conntrack", "-L", "-p", "tcp", "-d", SERVER],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = []
    for line in shown.splitlines():
        said: dict[str, list[int]] = {}
        for name, value in re.findall(r"(sport|dport|packets|bytes)=(\d+)", line):
            said.setdefault(name, []).append(int(value))
        packets, size = said["packets"], said["bytes"]
        found.append(
            Counted(said["sport"][0], said["dport"][1], (packets[0], size[0]), (packets[1], size[1]))
        )
    return found


def flows(lake: Path, *words: object) -> list[dict[str, Any]]:
    return answer("flows", *map(str, words), "--lake", str(lake))


def fetch(way: Route) -> None:
    curl = ["curl", "--silent", "--output", "/dev/null", f"http://{SERVER}:{PORT}/{SIZE}"]
    subprocess.run([*way.here, *curl], check=True, timeout=30)


@pytest.mark.parametrize(("interface", "version"), [("inside", "ipfix"), ("outside", "netflow9")])
def test_both_sides_are_found_from_either_address(
    way: Route, tmp_path: Path, interface: str, version: str
) -> None:
    lake = tmp_path / "lake"
    with collect(lake, way.router) as port, serving(way.there) as server:
        with probe(port, way.router, "--interface", interface, "--nat-events", version=version):
            for _ in range(CONNECTIONS):
                fetch(way)
            counted = {each.public_port: each for each in kernel_counts(way.router)}
        assert server.stdout is not None
        seen = [server.stdout.readline().split() for _ in range(CONNECTIONS)]
    assert {address for address, _ in seen} == {PUBLIC}
    assert {int(public) for _, public in seen} == set(counted)
    of_private = flows(lake, "bytes > 0 and", f"(ip {US} or nat_addr {US})")
    assert len(of_private) == 2 * CONNECTIONS
    for public, connection in counted.items():
        private = connection.private_port
        assert private != public
        words = f"(ip {PUBLIC} and port {public}) or (nat_addr {PUBLIC} and nat_port {public})"
        rows = {row["src_addr"] == SERVER: row for row in flows(lake, "bytes > 0 and (", words, ")")}
        for row, side, carried in ((rows[False], "src", connection.up), (rows[True], "dst", connection.down)):
            here, there = f"{side}_addr", f"{side}_port"
            ends = {(row[here], row[there]), (row[f"nat_{here}"], row[f"nat_{there}"])}
            assert ends == {(US, private), (PUBLIC, public)}
            assert (row["packets"], row["bytes"]) == carried
    told = [row["text"] for row in answer("timeline", US, "--lake", str(lake)) if row["kind"] == "nat"]
    for public, connection in counted.items():
        assert f"{US}:{connection.private_port} became {PUBLIC}:{public} (created)" in told


def send(way: Route, first: int, last: int) -> None:
    """Send a packet to each of these ports, from one."""
    script = f"""
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
    for port in range({first}, {last}):
        talker.sendto(b"x", ("{SERVER}", port))
"""
    subprocess.run([*way.here, sys.executable, "-c", script], check=True, timeout=30)


def test_what_an_overrun_lost_is_read_anew_and_the_gap_is_marked(way: Route) -> None:
    setting(way.router, "net/netfilter/nf_conntrack_timestamp", 0)
    send(way, 1_000, 1_000 + OLD)
    script = Path(__file__).with_name("overrun.py")
    follower = subprocess.Popen(
        [*way.router, sys.executable, str(script), "inside"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert follower.stdin is not None
    assert follower.stdout is not None
    with follower:
        assert follower.stdout.readline() == "ready\n"
        before = time.time_ns()
        send(way, 10_000, 10_000 + BURST)
        after = time.time_ns()
        time.sleep(1.5)
        follower.stdin.write("\n")
        follower.stdin.flush()
        told = json.loads(follower.stdout.readline())
        send(way, 50_000, 50_001)
        time.sleep(0.5)
        out, _ = follower.communicate(timeout=30)
    counters = told["counters"]
    assert counters["nat_lost"] > 0
    assert before < counters["nat_gap_from"] < counters["nat_gap_until"] < after + SECOND
    assert counters["nat_created"] == BURST
    assert counters["nat_open"] == OLD + BURST, "what began before us is in the table too"
    begun = [(start, end) for event, start, end, _ in told["events"] if event == NAT44_CREATE]
    assert len(begun) == BURST
    within = [(start, end) for start, end in begun if start < end]
    assert within, "those that were lost are told with the stretch of time that hides them"
    assert all(before < start and end < after + 2 * SECOND for start, end in within)
    public = dict(json.loads(out.splitlines()[-1]))
    assert set(public) == {*range(10_000, 10_000 + BURST), 50_000}
    assert all(20_000 <= port < 30_000 for port in public.values())
