"""Many exporters and many templates: what they cost a collector, and how much memory they take.

The same number of flows at the same pace, from more and more exporters with one template each (source
addresses of loopback), then with more and more templates, each with its fields in an order of its own: spread
over ten exporters, over a thousand, and all of one. Beside it nfcapd, the same datagrams. What is lost is of
who cannot keep up with the pace on one processor.

    bench/scaling.py --flows 2000000 --rate 500000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from aged import NOTHING
from collect import measure, summed_up
from collectors import COLLECTORS, Collector
from report import Row, show
from shape import HEADER_BYTES, Shape

FLOWS_IN_FILE = 500_000
SHAPES = {
    "exporters": [Shape(1), Shape(10), Shape(100), Shape(1000)],
    "templates": [
        Shape(1),
        Shape(10),
        Shape(10, 2, 5),
        Shape(10, 10, 10),
        Shape(1000, 1, 10),
        Shape(10, 10, 100),
        Shape(1, 1, 4000),
    ],
}
BESIDE = "nfcapd -y"


def collectors(names: Sequence[str]) -> list[Collector]:
    """Those that are there, without a look at what becomes of their files."""
    there = [it for it in COLLECTORS if it.name in names and it.is_there()]
    return [replace(it, grow_old=lambda _: NOTHING) for it in there]


def scaled(axis: str, version: str, arguments: argparse.Namespace) -> list[Row]:
    """All shapes of an axis, each collector in turn."""
    rows = []
    for shape in SHAPES[axis]:
        with TemporaryDirectory(prefix="tidegauge-bench-") as folder:
            path = Path(folder) / "datagrams"
            made = shape.encode(version, min(arguments.flows, FLOWS_IN_FILE), time.time_ns())
            made.save(path)
            loops = max(1, arguments.flows // made.flows)
            asked = collectors([BESIDE, "tidegauge"])
            runs: dict[str, list[Row]] = {it.name: [] for it in asked}
            for _ in range(arguments.rounds):
                for it in asked:
                    runs[it.name].append(measure(it, path, made.flows * loops, arguments.rate, loops))
        for name, found in runs.items():
            rows.append(row_of(shape, name, summed_up(found)))
            print(f"{version} {rows[-1]}", file=sys.stderr, flush=True)
    return rows


def row_of(shape: Shape, name: str, run: Row) -> Row:
    """What is told of a run."""
    return {
        "exporters": shape.exporters,
        "domains": shape.domains,
        "templates": shape.all_templates,
        "collector": name,
        "lost_percent": round(100 * run["lost"] / run["sent"], 2),
        "flows_per_cpu_second": run["flows_per_cpu_second"],
        "rss_megabytes": max(run["rss_megabytes"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=500_000)
    parser.add_argument("--rate", type=float, default=200_000, help="flows per second")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--version", choices=HEADER_BYTES, action="append", help="default: both")
    parser.add_argument("--axis", choices=SHAPES, action="append", help="default: both")
    arguments = parser.parse_args()
    for axis in arguments.axis or SHAPES:
        for version in arguments.version or HEADER_BYTES:
            rows = scaled(axis, version, arguments)
            show(f"{axis} {version}", rows)


if __name__ == "__main__":
    main()
