"""Sends datagrams at a steady pace and says exactly what it sent.

Each exporter has a source address of its own, 127.1.0.1 and up. The pace is kept by the wall clock:
a sender that falls behind catches up, and reports by how much it was ever late. One line of JSON
goes to standard output ten times a second, the last one when all is sent.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from datagrams import SEQUENCE_OFFSET, Datagrams

SLOT_SECONDS = 0.001
REPORT_SECONDS = 0.1
LARGEST_BURST = 256


class Sender:
    """Sends a file of datagrams ``loops`` times over, each exporter's sequence numbers running on."""

    def __init__(self, datagrams: Datagrams, target: tuple[str, int], flows_per_second: float) -> None:
        self._payloads = [bytearray(payload) for payload in datagrams.payloads]
        self._exporters = datagrams.exporters.tolist()
        self._numbers = datagrams.numbers.tolist()
        self._steps = datagrams.sequence_steps.tolist()
        self._flows = datagrams.flows
        self._sequence_offset = SEQUENCE_OFFSET[datagrams.version]
        self._target = target
        self._datagrams_per_second = flows_per_second * len(self._payloads) / self._flows
        self._sockets = [exporter_socket(exporter) for exporter in range(len(self._steps))]
        self._late_seconds = 0.0

    def send(self, loops: int) -> Iterator[dict[str, float]]:
        """Send everything; yield where we are now and then. ``flows`` counts only what surely left."""
        started = reported = time.monotonic()
        count = len(self._payloads)
        for loop in range(loops):
            position = 0
            while position < count:
                due = self._due(time.monotonic() - started) - loop * count
                if due <= position:
                    time.sleep(SLOT_SECONDS)
                    continue
                self._late_seconds = max(self._late_seconds, (due - position) / self._datagrams_per_second)
                position = self._burst(position, min(due, count, position + LARGEST_BURST))
                if time.monotonic() - reported >= REPORT_SECONDS and position < count:
                    reported = time.monotonic()
                    yield self._report(loop * self._flows + self._numbers[position], started)
            self._renumber()
        yield self._report(loops * self._flows, started)

    def _due(self, elapsed: float) -> int:
        return int(elapsed * self._datagrams_per_second) + 1

    def _burst(self, position: int, until: int) -> int:
        for place in range(position, until):
            self._sockets[self._exporters[place]].sendto(self._payloads[place], self._target)
        return until

    def _renumber(self) -> None:
        for payload, exporter in zip(self._payloads, self._exporters, strict=True):
            (sequence,) = struct.unpack_from(">I", payload, self._sequence_offset)
            sequence = (sequence + self._steps[exporter]) & 0xFFFFFFFF
            struct.pack_into(">I", payload, self._sequence_offset, sequence)

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
    own.bind((f"127.1.{exporter // 250}.{exporter % 250 + 1}", 0))
    return own


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?", help="made by datagrams.py --output")
    parser.add_argument("--to", default="127.0.0.1:2055", metavar="HOST:PORT")
    parser.add_argument("--rate", type=float, default=500_000, help="flows per second")
    parser.add_argument("--loops", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.file is None:
        sys.exit(0)  # `make bench` runs every program here; this one is run by collect.py and kill.py
    host, port = arguments.to.rsplit(":", 1)
    sender = Sender(Datagrams.load(arguments.file), (host, int(port)), arguments.rate)
    for report in sender.send(arguments.loops):
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
