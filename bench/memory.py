"""Does a collector's memory stay flat? Flows at a steady pace for long, its lake kept to a size.

Resident memory is read twice a second. The table has the median and the most of each of twelve stretches
of the run, and what a straight line through the last three quarters grows by in an hour. An hour
has in it what happens once an hour: files are joined, and summed up. A pace that is more than the collector
can take is allowed too: then flows are lost, and memory has to stay bounded all the same. The full run:

    bench/memory.py --seconds 3600 --rate 500000
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from collect import send
from collectors import tidegauge_command, tidegauge_size
from datagrams import VERSIONS, encode
from process import SAMPLE_SECONDS, Watched, free_port, wait_for_port, wait_until_idle
from report import Row, show
from traffic_model import TrafficModel

FLOWS_IN_FILE = 1_000_000
STRETCHES = 12


def run(version: str, seconds: float, rate: float, exporters: int, keep: str) -> Row:
    """Send for so long, and tell what the collector's memory did meanwhile."""
    loops = max(1, round(seconds * rate / FLOWS_IN_FILE))
    with TemporaryDirectory(prefix="tidegauge-bench-") as top:
        folder, datagrams = Path(top) / "flows", Path(top) / "datagrams"
        folder.mkdir()
        model = TrafficModel("realistic", has_ipv6=version != "netflow5")
        made = encode(model, version, FLOWS_IN_FILE, exporters=exporters, numbered=False, now=time.time_ns())
        made.save(datagrams)
        port = free_port()
        command = [*tidegauge_command(port, folder), "--keep-bytes", keep]
        with Watched(command, Path(top) / "log") as watched:
            wait_for_port(port)
            sent = send(datagrams, port, rate, loops)
            wait_until_idle(watched.process)
            watched.stop()
        told = json.loads((Path(top) / "statistics.json").read_text())
        size = tidegauge_size(folder)
    flows = loops * FLOWS_IN_FILE
    return {
        "version": version,
        "seconds": round(sent["seconds"]),
        "sent_per_second": sent["flows_per_second"],
        "sent": flows,
        "lost": flows - told["stored"],
        "cpu_seconds": round(watched.usage.cpu_seconds, 1),
        "lake_megabytes": round(size / 1e6),
        **memory(watched.usage.rss_bytes),
        "exit": watched.usage.exit_code,
    }


def memory(rss_bytes: Sequence[int]) -> Row:
    """Megabytes over time; ``growth`` is what a line through the last three quarters adds in an hour."""
    megabytes = [octets / 1e6 for octets in rss_bytes]
    ends = [len(megabytes) * place // STRETCHES for place in range(STRETCHES + 1)]
    stretches = [megabytes[a:b] for a, b in itertools.pairwise(ends) if a < b]
    late = megabytes[len(megabytes) // 4 :]
    hours = [place * SAMPLE_SECONDS / 3600 for place in range(len(late))]
    return {
        "median_megabytes": [round(statistics.median(stretch)) for stretch in stretches],
        "most_megabytes": [round(max(stretch)) for stretch in stretches],
        "growth_megabytes_an_hour": round(statistics.linear_regression(hours, late).slope, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=200_000, help="flows per second")
    parser.add_argument("--version", choices=VERSIONS, action="append", help="default: ipfix")
    parser.add_argument("--exporters", type=int, default=10)
    parser.add_argument("--keep-bytes", default="4GB", help="how large the lake may grow")
    arguments = parser.parse_args()
    rows = [
        run(version, arguments.seconds, arguments.rate, arguments.exporters, arguments.keep_bytes)
        for version in arguments.version or ["ipfix"]
    ]
    show(f"memory at {arguments.rate:,.0f} flows/s", rows)


if __name__ == "__main__":
    main()
