"""The highest rate at which nothing is lost: tidegauge and nfcapd.

The sender has one processor and the collector another, with the same receive buffer of the kernel for all:
what it grants to whoever asks. A rate holds if it was sent for some seconds and all of that stored; what
fails is tried again, since one moment of another program loses something as well. The rate is doubled until
it fails, and then halved in between until the highest that holds and the lowest that fails are near each
other. Of tidegauge ``off_percent`` says how far its ledger was off where it lost most.

    bench/peak.py --version ipfix --seconds 4
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from aged import NOTHING
from collect import measure, send
from collectors import COLLECTORS, Collector
from copies import with_options
from datagrams import VERSIONS, encode
from process import free_port
from report import Row, show
from traffic_model import MILLISECOND, TrafficModel

BESIDE = ("nfcapd", "nfcapd -y", "tidegauge")
EXPORTERS = 10
FLOWS_IN_FILE = 250_000
FIRST_RATE, LEAST_RATE = 500_000.0, 10_000.0
UNLIMITED = 1e9
# Of the rate that was asked for, what the sender has to reach: below it, the sender is what limits.
LEAST_SENT = 0.95
KERNEL_LIMIT = Path("/proc/sys/net/core/rmem_max")


@dataclass(frozen=True)
class Peak:
    """The highest rate that held, and the lowest above it that did not: None where none did not."""

    held: float
    failed: float | None


def highest(holds: Callable[[float], bool], first: float, ceiling: float, precision: float) -> Peak:
    """Search the highest rate that holds, as exact as asked for; 0 where not even the least does."""
    held, failed, rate = 0.0, None, min(first, ceiling)
    while failed is None or failed > max(held * (1 + precision), LEAST_RATE):
        if holds(rate):
            held = rate
            if rate >= ceiling:
                return Peak(held, None)
        else:
            failed = rate
        rate = min(2 * held, ceiling) if failed is None else between(held, failed)
    return Peak(held, failed)


def between(held: float, failed: float) -> float:
    """As many times the one as the other is of it."""
    return math.sqrt(held * failed) if held else failed / 2


class Trial:
    """One collector under one version's datagrams, at any rate."""

    def __init__(self, collector: Collector, path: Path, arguments: argparse.Namespace) -> None:
        self._collector, self._path, self._arguments = collector, path, arguments
        self.worst: Row = {"lost": 0, "told": ""}
        self.limits: dict[float, str] = {}
        """Who could not keep up, by rate."""

    def holds(self, rate: float) -> bool:
        """Whether nothing is lost, in one of several tries."""
        loops = max(1, round(rate * self._arguments.seconds / FLOWS_IN_FILE))
        for _ in range(self._arguments.tries):
            run = measure(self._collector, self._path, loops * FLOWS_IN_FILE, rate, loops)
            print(
                f"{self._collector.name}: {run['sent_per_second']:,} flows/s, {run['lost']:,} lost",
                file=sys.stderr,
                flush=True,
            )
            if run["lost"] == 0 and run["sent_per_second"] >= LEAST_SENT * rate:
                return True
            self.limits[rate] = "collector" if run["lost"] else "sender"
            self.worst = max(self.worst, run, key=lambda it: it["lost"])
        return False

    def row(self, peak: Peak) -> Row:
        """What was found."""
        lost, told = self.worst["lost"], self.worst["told"]
        return {
            "collector": self._collector.name,
            "peak": round(peak.held),
            "fails_at": round(peak.failed) if peak.failed else "",
            "limit": self.limits[peak.failed] if peak.failed else "sender",
            "lost": lost,
            "told": told,
            "off_percent": round(100 * (told - lost) / lost, 4) if lost and told != "" else "",
        }


def contenders(buffer_bytes: int) -> list[Collector]:
    """The collectors, with the same receive buffer: nfcapd asks for more, and gets what the kernel grants."""
    there = [it for it in COLLECTORS if it.name in BESIDE and it.is_there()]
    ours = ["--receive-buffer", str(buffer_bytes >> 20)]
    return [
        replace(
            it, grow_old=lambda _: NOTHING, command=with_options(it, ours if it.name == "tidegauge" else [])
        )
        for it in there
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", choices=VERSIONS, action="append", help="default: all three")
    parser.add_argument("--seconds", type=float, default=4.0, help="of load at each rate")
    parser.add_argument("--precision", type=float, default=0.06, help="of the rate that is found")
    parser.add_argument("--tries", type=int, default=2, help="of a rate before it is said to fail")
    arguments = parser.parse_args()
    buffer_bytes = int(KERNEL_LIMIT.read_text())
    for version in arguments.version or VERSIONS:
        model, rows = TrafficModel(has_ipv6=version != "netflow5"), []
        with TemporaryDirectory(prefix="tidegauge-bench-") as folder:
            path = Path(folder) / "datagrams"
            made = encode(
                model,
                version,
                FLOWS_IN_FILE,
                exporters=EXPORTERS,
                numbered=False,
                now=time.time_ns(),
                clock_step=MILLISECOND,
            )
            made.save(path)
            ceiling = send(path, free_port(), UNLIMITED, 40)["flows_per_second"]
            for collector in contenders(buffer_bytes):
                trial = Trial(collector, path, arguments)
                rows.append(trial.row(highest(trial.holds, FIRST_RATE, ceiling, arguments.precision)))
        for row in rows:
            row |= {"ratio": round(row["peak"] / rows[0]["peak"], 2) if rows[0]["peak"] else ""}
        show(f"loss-free peak {version}, receive buffer {buffer_bytes >> 20} MiB", rows)


if __name__ == "__main__":
    main()
