"""Collectors side by side: the same datagrams at the same pace to tidegauge and its peers.

nfcapd, plain and LZ4, and nfacctd come from Debian; goflow2 is built from its Go module by ``make goflow2``.

The sender has one processor and the collector another. Shows flows per CPU-second (user and system time of
the whole process, shutdown included), bytes a flow on disk, what was lost, and resident memory over time;
ratios are to plain nfcapd. Of tidegauge also what its files come to once their day is over, and what joining
and summing up costs a flow. All are measured by turns, and medians are shown. The full run:

    bench/collect.py --flows 10000000 --rate 500000 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from collectors import BENCH, COLLECTORS, Collector
from datagrams import VERSIONS, encode
from process import Watched, free_port, pinned, processors, wait_for_port, wait_until_idle
from report import Row, show
from traffic_model import KINDS, MILLISECOND, TrafficModel

# Sent over and over with running sequence numbers, so that a long run needs little memory here.
FLOWS_IN_FILE = 1_000_000


def measure(collector: Collector, datagrams: Path, flows: int, rate: float, loops: int) -> Row:
    """Run one collector from start to end under load."""
    with TemporaryDirectory(prefix="tidegauge-bench-") as top:
        folder = Path(top) / "flows"
        folder.mkdir()
        port = free_port()
        command = pinned(collector.command(port, folder), processors()[1])
        with Watched(command, Path(top) / "log") as watched:
            wait_for_port(port)
            sent = send(datagrams, port, rate, loops)
            wait_until_idle(watched.process)
            watched.stop(collector.ends_by)
        stored = collector.stored(folder)
        size = collector.size(folder)
        told = collector.told(folder)
        aged = collector.grow_old(folder)
    return {
        "collector": collector.name,
        "sent": flows,
        "stored": stored,
        "lost": flows - stored,
        "told": told,
        "sent_per_second": sent["flows_per_second"],
        "cpu_seconds": round(watched.usage.cpu_seconds, 2),
        "flows_per_cpu_second": round(stored / watched.usage.cpu_seconds),
        "bytes_per_flow": round(size / max(stored, 1), 2),
        **aged,
        "rss_megabytes": watched.usage.rss_over_time(),
        "exit": watched.usage.exit_code,
    }


def send(datagrams: Path, port: int, rate: float, loops: int) -> dict[str, float]:
    """Send a file from a process of its own and return its last report."""
    command = [sys.executable, str(BENCH / "send.py"), str(datagrams), "--to", f"127.0.0.1:{port}"]
    options = ["--rate", str(rate), "--loops", str(loops), "--cpu", str(processors()[0])]
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    report: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return report


def summed_up(runs: Sequence[Row]) -> Row:
    """The run with the median speed, with the most that any of them lost."""
    by_speed = sorted(runs, key=lambda run: run["flows_per_cpu_second"])
    return by_speed[len(runs) // 2] | {"lost": max(run["lost"] for run in runs)}


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
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--exporters", type=int, default=10)
    parser.add_argument(
        "--nanoseconds",
        action="store_true",
        help="IPFIX tells times to the nanosecond, which nfcapd 1.7.1 does not read; else to the"
        " millisecond, as most routers do",
    )
    parser.add_argument("--rounds", type=int, default=1)
    names = [collector.name for collector in COLLECTORS]
    parser.add_argument("--only", choices=names, action="append", help="default: all of them")
    arguments = parser.parse_args()
    wanted = [it for it in COLLECTORS if it.name in (arguments.only or names)]
    collectors = [it for it in wanted if it.is_there()]
    for absent in [it.name for it in wanted if it not in collectors]:
        print(f"{absent} is not installed: it is left out", file=sys.stderr)
    in_file = min(arguments.flows, FLOWS_IN_FILE)
    loops = max(1, arguments.flows // in_file)
    for version in arguments.version or VERSIONS:
        model = TrafficModel(arguments.kind, has_ipv6=version != "netflow5")
        with TemporaryDirectory(prefix="tidegauge-bench-") as folder:
            path = Path(folder) / "datagrams"
            made = encode(
                model,
                version,
                in_file,
                exporters=arguments.exporters,
                numbered=False,
                now=time.time_ns(),
                clock_step=1 if arguments.nanoseconds else MILLISECOND,
            )
            made.save(path)
            runs: dict[str, list[Row]] = {it.name: [] for it in collectors}
            for _ in range(arguments.rounds):
                for it in collectors:
                    runs[it.name].append(measure(it, path, in_file * loops, arguments.rate, loops))
        rows = with_ratios([summed_up(found) for found in runs.values()])
        times = " to the nanosecond" if arguments.nanoseconds else ""
        show(f"collect {version} {arguments.kind}{times} at {arguments.rate:,.0f} flows/s", rows)


if __name__ == "__main__":
    main()
