"""A collector under attack: hostile datagrams a CPU-second, and resident memory over time.

Every datagram sent must be accounted for: recognised, refused for a reason, or dropped by the kernel.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from collectors import BENCH, tidegauge_command
from process import Watched, free_port, wait_for_port, wait_until_idle
from report import Row, show


def measure(seconds: float, senders: int, seed: int) -> Row:
    """Attack one collector from its start to its end."""
    with TemporaryDirectory(prefix="tidegauge-bench-") as top:
        port = free_port()
        command = [sys.executable, str(BENCH / "assail.py"), "--to", f"127.0.0.1:{port}"]
        options = ["--seconds", str(seconds), "--senders", str(senders), "--seed", str(seed)]
        with Watched(tidegauge_command(port, Path(top) / "lake"), Path(top) / "log") as watched:
            wait_for_port(port)
            done = subprocess.run([*command, *options], check=True, capture_output=True)
            wait_until_idle(watched.process)
        counted = json.loads((Path(top) / "statistics.json").read_text())
    sent = json.loads(done.stdout)["datagrams"]
    lost, malformed = counted["lost"], counted["lost"]["malformed"]
    unrecognised = malformed["short_header"] + malformed["unknown_version"]
    received = counted["datagrams"] + unrecognised
    return {
        "senders": senders,
        "sent": sent,
        "recognised": counted["datagrams"],
        "unrecognised": unrecognised,
        "kernel_drops": lost["kernel"],
        "unaccounted": sent - received - lost["kernel"],
        "refusals": sum(malformed.values()),
        "cpu_seconds": round(watched.usage.cpu_seconds, 2),
        "datagrams_per_cpu_second": round(received / watched.usage.cpu_seconds),
        "rss_megabytes": watched.usage.rss_over_time(),
        "exit": watched.usage.exit_code,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--senders", type=int, action="append", help="default: 1 and 701")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    counts = arguments.senders or [1, 701]
    rows = [measure(arguments.seconds, senders, arguments.seed) for senders in counts]
    show(f"hostile datagrams for {arguments.seconds:g} s", rows)
    if any(row["unaccounted"] or row["exit"] for row in rows):
        sys.exit("a promise is broken: datagrams unaccounted for, or a collector that did not end well")


if __name__ == "__main__":
    main()
