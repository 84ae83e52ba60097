"""What copies of datagrams cost a collector: kept as they came, forwarded, and both.

The same NetFlow v9 at the same pace, in turns; ratios are of processor time to one that copies nothing.
Whom it forwards to reads nothing, on loopback. Keeping the exporter's address takes root.

    bench/copies.py --flows 3000000 --rate 200000
"""

from __future__ import annotations

import argparse
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aged import NOTHING
from collect import FLOWS_IN_FILE, measure
from collectors import COLLECTORS, Collector
from datagrams import encode
from report import Row, show
from traffic_model import TrafficModel

VERSION = "netflow9"


def collectors(target: str) -> list[Collector]:
    """Ours as it is, and with each kind of copies."""
    keep, forward = ["--keep-raw", "1d"], ["--forward", target]
    kinds = {
        "nothing": [],
        "kept": keep,
        "forwarded": forward,
        "from our own": [*forward, "--forward-source", "own"],
        "both": [*keep, *forward],
    }
    [ours] = [each for each in COLLECTORS if each.name == "tidegauge"]
    return [
        replace(ours, name=name, command=with_options(ours, options), grow_old=lambda _: NOTHING)
        for name, options in kinds.items()
    ]


def with_options(collector: Collector, options: Sequence[str]) -> Callable[[int, Path], Sequence[str]]:
    return lambda port, folder: [*collector.command(port, folder), *options]


def summed_up(name: str, runs: Sequence[Row], plain_seconds: float) -> Row:
    """The median of some runs, beside what it takes to copy nothing."""
    seconds = median(run["cpu_seconds"] for run in runs)
    return {
        "copies": name,
        "lost": max(run["lost"] for run in runs),
        "cpu_seconds": seconds,
        "ratio": round(seconds / plain_seconds, 2),
        "more_microseconds_per_flow": round((seconds - plain_seconds) / runs[0]["sent"] * 1e6, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=200_000, help="flows per second")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    in_file = min(arguments.flows, FLOWS_IN_FILE)
    loops = max(1, arguments.flows // in_file)
    with (
        TemporaryDirectory(prefix="tidegauge-bench-") as folder,
        socket.socket(type=socket.SOCK_DGRAM) as deaf,
    ):
        deaf.bind(("127.0.0.1", 0))
        path = Path(folder) / "datagrams"
        encode(
            TrafficModel("realistic"), VERSION, in_file, exporters=10, numbered=False, now=time.time_ns()
        ).save(path)
        measured = collectors(f"udp://127.0.0.1:{deaf.getsockname()[1]}")
        runs: dict[str, list[Row]] = {each.name: [] for each in measured}
        for _ in range(arguments.rounds):
            for each in measured:
                runs[each.name].append(measure(each, path, in_file * loops, arguments.rate, loops))
    plain = median(run["cpu_seconds"] for run in runs["nothing"])
    rows = [summed_up(name, found, plain) for name, found in runs.items()]
    show(f"copies of {VERSION} at {arguments.rate:,.0f} flows/s", rows)


if __name__ == "__main__":
    main()
