"""Collectors side by side: the same datagrams at the same pace to tidegauge and to nfcapd, plain and LZ4.

Shows flows per CPU-second (user and system time of the whole process, shutdown included), bytes a
flow on disk, what was lost, and resident memory over time; ratios are to plain nfcapd. The full run:

    bench/collect.py --flows 10000000 --rate 500000
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from datagrams import VERSIONS, encode
from process import Watched, free_port, wait_for_port, wait_until_idle
from report import Row, show
from traffic_model import TrafficModel

from tidegauge.store.lake import Lake
from tidegauge.store.segment import TABLES

BENCH = Path(__file__).parent
# Sent over and over with running sequence numbers, so that a long run needs little memory here.
FLOWS_IN_FILE = 1_000_000


@dataclass(frozen=True)
class Collector:
    """How to run one, and how to ask it afterwards how many flows it stored in how many bytes."""

    name: str
    command: Callable[[int, Path], Sequence[str]]
    stored: Callable[[Path], int]
    size: Callable[[Path], int]


def tidegauge_command(port: int, folder: Path) -> Sequence[str]:
    program = [sys.executable, "-m", "tidegauge", "collect"]
    statistics = ["--stats-json", str(folder.parent / "statistics.json")]
    return [*program, "--listen", f"udp://127.0.0.1:{port}", "--lake", str(folder), *statistics]


def tidegauge_stored(folder: Path) -> int:
    return int(json.loads((folder.parent / "statistics.json").read_text())["stored"])


def tidegauge_size(folder: Path) -> int:
    """What stays: files that others replaced are deleted only once no reader can need them."""
    with Lake.open(folder).generation() as generation:
        paths = [segment.path for table in TABLES for segment in generation.segments(table)]
    return sum(Path(path).stat().st_size for path in paths)


def nfcapd_command(*flags: str) -> Callable[[int, Path], Sequence[str]]:
    """A command with the receive buffer asked for that tidegauge asks for."""

    def command(port: int, folder: Path) -> Sequence[str]:
        place = ["-b", "127.0.0.1", "-p", str(port), "-w", str(folder)]
        return ["nfcapd", *place, "-B", "67108864", "-t", "60", *flags]

    return command


def nfcapd_stored(folder: Path) -> int:
    """Count with nfdump's own statistics of the files."""
    files = subprocess.run(["nfdump", "-I", "-R", str(folder)], check=True, capture_output=True, text=True)
    return next(int(line.split()[1]) for line in files.stdout.splitlines() if line.startswith("Flows:"))


def nfcapd_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


COLLECTORS = (
    Collector("nfcapd", nfcapd_command(), nfcapd_stored, nfcapd_size),
    Collector("nfcapd -y", nfcapd_command("-y"), nfcapd_stored, nfcapd_size),
    Collector("tidegauge", tidegauge_command, tidegauge_stored, tidegauge_size),
)


def measure(collector: Collector, datagrams: Path, flows: int, rate: float, loops: int) -> Row:
    """Run one collector from start to end under load."""
    with TemporaryDirectory(prefix="tidegauge-bench-") as top:
        folder = Path(top) / "flows"
        folder.mkdir()
        port = free_port()
        with Watched(collector.command(port, folder), Path(top) / "log") as watched:
            wait_for_port(port)
            sent = send(datagrams, port, rate, loops)
            wait_until_idle(watched.process)
        stored = collector.stored(folder)
        size = collector.size(folder)
    return {
        "collector": collector.name,
        "sent": flows,
        "stored": stored,
        "lost": flows - stored,
        "sent_per_second": sent["flows_per_second"],
        "cpu_seconds": round(watched.usage.cpu_seconds, 2),
        "flows_per_cpu_second": round(stored / watched.usage.cpu_seconds),
        "bytes_per_flow": round(size / max(stored, 1), 2),
        "rss_megabytes": watched.usage.rss_over_time(),
        "exit": watched.usage.exit_code,
    }


def send(datagrams: Path, port: int, rate: float, loops: int) -> dict[str, float]:
    """Send a file from a process of its own and return its last report."""
    command = [sys.executable, str(BENCH / "send.py"), str(datagrams), "--to", f"127.0.0.1:{port}"]
    options = ["--rate", str(rate), "--loops", str(loops)]
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    report: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return report


def with_ratios(rows: Sequence[Row]) -> list[Row]:
    """Put each collector beside the first one."""
    first = rows[0]
    return [
        row
        | {
            "speed_ratio": round(row["flows_per_cpu_second"] / first["flows_per_cpu_second"], 2),
            "size_ratio": round(row["bytes_per_flow"] / first["bytes_per_flow"], 2),
        }
        for row in rows
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=200_000, help="flows per second")
    parser.add_argument("--version", choices=VERSIONS, action="append", help="default: all three")
    parser.add_argument("--kind", choices=("realistic", "high-entropy"), default="realistic")
    parser.add_argument("--exporters", type=int, default=10)
    parser.add_argument("--only", choices=[collector.name for collector in COLLECTORS])
    arguments = parser.parse_args()
    collectors = [it for it in COLLECTORS if arguments.only in (None, it.name)]
    if shutil.which("nfcapd") is None:
        collectors = [it for it in collectors if it.name == "tidegauge"]
        print("nfcapd is not installed: no ratios", file=sys.stderr)
    in_file = min(arguments.flows, FLOWS_IN_FILE)
    loops = max(1, arguments.flows // in_file)
    for version in arguments.version or VERSIONS:
        model = TrafficModel(arguments.kind, has_ipv6=version != "netflow5")
        with TemporaryDirectory(prefix="tidegauge-bench-") as folder:
            path = Path(folder) / "datagrams"
            made = encode(
                model, version, in_file, exporters=arguments.exporters, numbered=False, now=time.time_ns()
            )
            made.save(path)
            rows = [measure(it, path, in_file * loops, arguments.rate, loops) for it in collectors]
        show(f"collect {version} {arguments.kind} at {arguments.rate:,.0f} flows/s", with_ratios(rows))


if __name__ == "__main__":
    main()
