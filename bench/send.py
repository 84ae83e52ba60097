"""Sends datagrams at a steady pace and says exactly what it sent.

Each exporter has a source address of its own, 127.1.0.1 and up. Many datagrams go with one call of the kernel
(see bulk.py), so that the sender is not what limits. The pace is kept by the wall clock:
a sender that falls behind catches up, and reports by how much it was ever late. One line of JSON
goes to standard output ten times a second, the last one when all is sent.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from bulk import Bulk, exporter_address
from datagrams import SEQUENCE_OFFSET, Datagrams

SLOT_SECONDS = 0.001
REPORT_SECONDS = 0.1
LARGEST_BURST = 256


class Sender:
    """Sends a file of datagrams ``loops`` times over, each exporter's sequence numbers running on."""

    def __init__(self, datagrams: Datagrams, target: tuple[str, int], flows_per_second: float) -> None:
        self._bulk = Bulk(datagrams.payloads, datagrams.exporters, target)
        self._numbers = datagrams.numbers.tolist()
        self._steps = datagrams.sequence_steps[datagrams.exporters]
        self._flows = datagrams.flows
        self._sequence_offset = SEQUENCE_OFFSET[datagrams.version]
        self._datagrams_per_second = flows_per_second * len(self._bulk) / self._flows
        self._late_seconds = 0.0

    def send(self, loops: int) -> Iterator[dict[str, float]]:
        """Send everything; yield where we are now and then. ``flows`` counts only what surely left."""
        started = reported = time.monotonic()
        count = len(self._bulk)
        for loop in range(loops):
            position = 0
            while position < count:
                due = self._due(time.monotonic() - started) - loop * count
                if due <= position:
                    time.sleep(SLOT_SECONDS)
                    continue
                self._late_seconds = max(self._late_seconds, (due - position) / self._datagrams_per_second)
                until = min(due, count, position + LARGEST_BURST)
                self._bulk.send(position, until)
                position = until
                if time.monotonic() - reported >= REPORT_SECONDS and position < count:
                    reported = time.monotonic()
                    yield self._report(loop * self._flows + self._numbers[position], started)
            self._bulk.add(self._sequence_offset, self._steps)
        yield self._report(loops * self._flows, started)

    def _due(self, elapsed: float) -> int:
        return int(elapsed * self._datagrams_per_second) + 1

    def _report(self, flows: int, started: float) -> dict[str, float]:
        elapsed = time.monotonic() - started
        return {
            "time": time.time(),
            "flows": flows,
            "seconds": round(elapsed, 3),
            "flows_per_second": round(flows / elapsed),
            "late_seconds": round(self._late_seconds, 3),
        }


def exporter_socket(exporter: int) -> socket.socket:
    """Return a socket of one exporter's own; unconnected, so that a dead collector is no error here."""
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind((exporter_address(exporter), 0))
    return own


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="made by datagrams.py --output")
    parser.add_argument("--to", default="127.0.0.1:2055", metavar="HOST:PORT")
    parser.add_argument("--rate", type=float, default=500_000, help="flows per second")
    parser.add_argument("--loops", type=int, default=1)
    parser.add_argument("--cpu", type=int, help="the processor to stay on")
    arguments = parser.parse_args()
    if arguments.cpu is not None:
        os.sched_setaffinity(0, {arguments.cpu})
    host, port = arguments.to.rsplit(":", 1)
    sender = Sender(Datagrams.load(arguments.file), (host, int(port)), arguments.rate)
    for report in sender.send(arguments.loops):
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
