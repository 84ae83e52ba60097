"""How many NTP replies a server gives for one second of processor time, beside chronyd.

    bench/replies.py --seconds 4 --turns 5

Each server gets the same requests over loopback, 64 under way at a time, and the kernel tells how much
processor time it took for the replies that came back: plain requests, then requests with NTS. They are
measured by turns, so that what else the machine does hits all alike. Shown are medians and their ratio.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # the certificate and the peers of the tests

from process import Watched, free_port, ticks, wait_for_port
from report import Row, show

from tests.nts_server import self_signed
from tests.surroundings import find_peer
from tidegauge.clock.ntp_stamp import NtpStamp
from tidegauge.ntp.key_establishment import establish
from tidegauge.ntp.nts_association import NtsAssociation
from tidegauge.ntp.packet import Packet

WINDOW = 64
TICKS_PER_SECOND = 100
QUIET_SECONDS = 0.05
PATIENCE_SECONDS = 10.0


class Server(NamedTuple):
    """A running program that answers, and the two kinds of requests it answers."""

    name: str
    pid: int
    port: int
    plain: bytes
    secured: bytes


def replies(server: Server, request: bytes, seconds: float) -> float:
    """Replies for each second of the server's processor time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.connect(("127.0.0.1", server.port))
        link.settimeout(QUIET_SECONDS)
        before, count = ticks(server.pid), 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for _ in range(WINDOW):
                link.send(request)
            try:
                for _ in range(WINDOW):
                    link.recv(2048)
                    count += 1
            except TimeoutError:
                continue
        return count * TICKS_PER_SECOND / (ticks(server.pid) - before)


@contextmanager
def tidegauge(folder: Path, chain: Path, key: Path) -> Iterator[Server]:
    """Our server, as people start it."""
    port, key_port = free_port(), free_tcp_port()
    command = [sys.executable, "-m", "tidegauge", "time", "serve", "--listen", f"udp://127.0.0.1:{port}"]
    command += ["--local-stratum", "10", "--nts-port", str(key_port)]
    command += ["--nts-certificate", str(chain), "--nts-key", str(key)]
    with Watched(command, folder / "tidegauge.log") as running:
        wait_for_port(port)
        yield server_of("tidegauge", running.process.pid, port, secured_request(key_port, chain))


@contextmanager
def chronyd(folder: Path, chain: Path, key: Path) -> Iterator[Server]:
    """A chronyd that never touches the clock, and remembers its clients as ours does."""
    port, key_port = free_port(), free_tcp_port()
    directives = [
        f"port {port}",
        "bindaddress 127.0.0.1",
        "allow 127.0.0.0/8",
        "local stratum 10",
        "cmdport 0",
    ]
    directives += [
        f"pidfile {folder}/pid",
        f"ntsport {key_port}",
        f"ntsservercert {chain}",
        f"ntsserverkey {key}",
    ]
    right = ["setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time"]
    command = [*right, find_peer("chronyd"), "-x", "-d", "-u", "root", "-f", "/dev/null", *directives]
    with Watched(command, folder / "chronyd.log") as running:
        wait_for_port(port)
        yield server_of("chronyd", running.process.pid, port, secured_request(key_port, chain))


def server_of(name: str, pid: int, port: int, secured: bytes) -> Server:
    """Fill in the plain request."""
    return Server(name, pid, port, Packet(transmit=NtpStamp(42)).to_bytes(), secured)


def secured_request(key_port: int, chain: Path) -> bytes:
    """A request with NTS that asks for one cookie; servers remember none, so it may be sent for ever."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            association = NtsAssociation(establish("127.0.0.1", key_port, trusted=chain))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return association.seal(Packet(transmit=NtpStamp(42)).to_bytes())[0]


def free_tcp_port() -> int:
    """Return a TCP port of loopback that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def compared(servers: Sequence[Server], kind: str, seconds: float, turns: int) -> list[Row]:
    """Measure each server in turn; rows with medians and the ratio to the last one."""
    measured: dict[str, list[float]] = {server.name: [] for server in servers}
    for _ in range(turns):
        for server in servers:
            request = server.secured if kind == "NTS" else server.plain
            measured[server.name].append(replies(server, request, seconds))
    reference = statistics.median(measured[servers[-1].name])
    return [
        {
            "requests": kind,
            "server": name,
            "replies per CPU-second": round(statistics.median(found)),
            "least": round(min(found)),
            "most": round(max(found)),
            "ratio": statistics.median(found) / reference,
        }
        for name, found in measured.items()
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a turn")
    parser.add_argument("--turns", type=int, default=5, help="turns for each server and kind")
    options = parser.parse_args()
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        chain, key = self_signed(folder, "localhost", "127.0.0.1")
        servers = [stack.enter_context(start(folder, chain, key)) for start in (tidegauge, chronyd)]
        rows = [
            row
            for kind in ("plain", "NTS")
            for row in compared(servers, kind, options.seconds, options.turns)
        ]
    show("replies", rows)


if __name__ == "__main__":
    main()
