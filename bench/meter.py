"""How many packets a meter counts for one second of processor time, export included, beside its peers.

    bench/meter.py --packets 2000000 --conversations 200000 --turns 5

All read the same generated capture with the same timeouts, 60 s active and 15 s idle, start and end
included. softflowd and we export IPFIX over UDP to a socket that nobody reads; nfpcapd, which cannot, writes
its own files. We are there twice, the second time without names and how TCP does. All are measured by turns,
so that what else the machine does hits all alike. Shown are medians and ratios to softflowd, and whether we
told of all packets and bytes that the generator wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # the peers and the traffic of the tests

from report import Row, show

from tests.packet_trace import Trace, write_trace
from tests.surroundings import find_peer

ACTIVE_SECONDS, IDLE_SECONDS = 60, 15
MAXIMUM_FLOWS = 1_000_000
REFERENCE = "softflowd"


class Turn(NamedTuple):
    """One run: its processor time, and what the program said."""

    cpu_seconds: float
    said: str


def run(command: Sequence[str], folder: Path) -> Turn:
    """Run a meter to its end."""
    log = folder / "log"
    with log.open("wb") as out:
        # As people run it: Python keeps what it compiled, whatever the shell that measures asks for.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, env=environment)
        _, status, account = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {log.read_text()}")
    return Turn(account.ru_utime + account.ru_stime, log.read_text())


def tidegauge(trace: Path, port: int) -> list[str]:
    """Our meter, as people start it."""
    command = [sys.executable, "-m", "tidegauge", "probe", "--read", str(trace)]
    command += ["--active-timeout", str(ACTIVE_SECONDS), "--idle-timeout", str(IDLE_SECONDS)]
    return [*command, "--export", f"ipfix+udp://127.0.0.1:{port}", "--maximum-flows", str(MAXIMUM_FLOWS)]


def counters_alone(trace: Path, port: int) -> list[str]:
    """The same without what its peers do not look for: names, and how TCP does."""
    return [*tidegauge(trace, port), "--no-names", "--no-performance"]


def softflowd(trace: Path, port: int) -> list[str]:
    """The best known exporter of the kind; without ``-c none`` it waits for its control socket for ever."""
    command = [
        find_peer("softflowd"),
        "-r",
        str(trace),
        "-n",
        f"127.0.0.1:{port}",
        "-v",
        "10",
        "-6",
        "-A",
        "milli",
    ]
    silence = [f"{name}={IDLE_SECONDS}" for name in ("tcp", "udp", "icmp", "general")]
    for timeout in (*silence, "tcp.rst=1", "tcp.fin=1", f"maxlife={ACTIVE_SECONDS}", "expint=1"):
        command += ["-t", timeout]
    return [*command, "-a", "-d", "-c", "none", "-p", "pid", "-m", str(MAXIMUM_FLOWS)]


def nfpcapd(trace: Path, _port: int) -> list[str]:
    """The meter beside nfdump."""
    Path(trace.parent / "nfpcapd").mkdir(exist_ok=True)
    timeouts = f"{ACTIVE_SECONDS},{IDLE_SECONDS}"
    return [find_peer("nfpcapd"), "-r", str(trace), "-w", str(trace.parent / "nfpcapd"), "-e", timeouts]


METERS: dict[str, Callable[[Path, int], list[str]]] = {
    "tidegauge": tidegauge,
    "counters alone": counters_alone,
    REFERENCE: softflowd,
    "nfpcapd": nfpcapd,
}


def told(said: str, trace: Trace) -> str:
    """Whether what our summary says is what the generator wrote; others print no such thing."""
    found = re.search(r"metered (\d+) packets \((\d+) bytes\) into (\d+) flows", said)
    if found is None:
        return "-"
    packets, octets, flows = map(int, found.groups())
    is_whole = (packets, octets) == (trace.packets, trace.bytes)
    return f"{'all' if is_whole else 'NOT all'}, {flows:,} flows"


def compared(trace: Trace, folder: Path, turns: int) -> list[Row]:
    """Measure each meter in turn."""
    measured: dict[str, list[Turn]] = {name: [] for name in METERS}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        for _ in range(turns):
            for name, command in METERS.items():
                measured[name].append(run(command(trace.path, sink.getsockname()[1]), folder))
    rate = {
        name: statistics.median(trace.packets / turn.cpu_seconds for turn in found)
        for name, found in measured.items()
    }
    return [
        {
            "meter": name,
            "packets per CPU-second": round(rate[name]),
            "least": round(min(trace.packets / turn.cpu_seconds for turn in found)),
            "most": round(max(trace.packets / turn.cpu_seconds for turn in found)),
            "ratio": rate[name] / rate[REFERENCE],
            "told": told(found[-1].said, trace),
        }
        for name, found in measured.items()
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packets", type=int, default=2_000_000, help="packets of the capture, about")
    parser.add_argument("--conversations", type=int, default=200_000, help="conversations they belong to")
    parser.add_argument("--turns", type=int, default=5, help="turns for each meter")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        trace = write_trace(folder / "trace.pcap", options.packets, options.conversations)
        written = {"packets": trace.packets, "bytes": trace.bytes, "flows": trace.flows}
        print(json.dumps(written), file=sys.stderr)
        show("meter", compared(trace, folder, options.turns))


if __name__ == "__main__":
    main()
