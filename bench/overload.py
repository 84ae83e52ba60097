"""More than a collector can take: does its ledger say how much was lost?

Exporters, each with several observation domains, send datagrams of all sizes in bursts that no receive
buffer holds: the collector is held up meanwhile, so that something is lost on any machine. After the last
burst comes nothing more. Some datagrams are lost on the way: they are numbered and never sent. Then what was
sent less what is stored is the truth, and the ledger's word for it is shown beside:

    bench/overload.py --flows 5000000

With ``--restart`` one exporter numbers from 0 again in the middle of a loss. What it lost just before that no
number tells, and the ledger has to estimate it.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from collectors import ledger_of, tidegauge_command
from datagrams import SEQUENCE_OFFSET, VERSIONS, batch_of
from process import Watched, free_port, wait_for_port, wait_until_idle
from report import Row, show
from send import exporter_socket
from traffic_model import DAY, TrafficModel

from tidegauge.metering.encoder import Encoder

# So many fit into a datagram of any version.
MOST_RECORDS = 20
# Datagrams of each stream that are made; they are sent over and over, numbered on.
MADE = 200
LOST_ON_THE_WAY = 0.005
# What is promised where records are numbered, of losses so large that what came last of them hardly matters.
ALLOWED_PERCENT = 0.1
LARGE = 5_000_000
# How far an estimate may be off in what is said of 95 cases in 100.
DEVIATIONS = 3


@dataclass
class Stream:
    """One observation domain of one exporter: what it can send, and what it sent."""

    version: str
    exporter: int
    payloads: list[tuple[bytearray, int]]
    sequence: int = 0
    datagrams: int = 0
    records: int = 0
    records_on_the_way: int = 0

    @classmethod
    def draw(cls, version: str, exporter: int, domain: int, rng: random.Random, now: int) -> Stream:
        """Encode flows as datagrams of any number of records, the template in the first."""
        encoder = Encoder(version, observation_domain=domain, boot_time=now - DAY)
        model = TrafficModel(seed=exporter * 100 + domain, has_ipv6=False)
        payloads = []
        for part in range(MADE):
            count = rng.randint(1, MOST_RECORDS)
            (payload,) = encoder.encode(batch_of(model.columns(count, now, part=part)), now)
            payloads.append((bytearray(payload), count))
        return cls(version, exporter, payloads)

    def next(self, *, is_lost: bool) -> bytearray:
        """Number a datagram and count what it holds."""
        payload, records = self.payloads[self.datagrams % MADE]
        offset = SEQUENCE_OFFSET[self.version]
        payload[offset : offset + 4] = (self.sequence & 0xFFFFFFFF).to_bytes(4, "big")
        self.sequence += 1 if self.version == "netflow9" else records
        self.datagrams += 1
        self.records += records
        self.records_on_the_way += records if is_lost else 0
        return payload


class Exporters:
    """Sends the datagrams of all streams in any order."""

    def __init__(self, version: str, exporters: int, domains: int, port: int) -> None:
        rng = random.Random(f"{version} {exporters} {domains}")
        now = time.time_ns()
        self.streams = [
            Stream.draw(version, exporter, domain, rng, now)
            for exporter in range(exporters)
            for domain in range(domains)
        ]
        self._sockets = [exporter_socket(exporter) for exporter in range(exporters)]
        self._target = ("127.0.0.1", port)
        self._rng = rng

    def introduce(self) -> None:
        """Send what comes first of each stream, templates as well, which nobody may lose."""
        for stream in self.streams:
            self._send(stream, is_lost=False)

    def burst(self, datagrams: int, lost_on_the_way: float = LOST_ON_THE_WAY) -> None:
        """Send as fast as can be."""
        for _ in range(datagrams):
            self._send(self._rng.choice(self.streams), is_lost=self._rng.random() < lost_on_the_way)

    def restart_first(self) -> None:
        """Let one exporter number from 0 again."""
        for stream in self.streams:
            if stream.exporter == 0:
                stream.sequence = 0

    def _send(self, stream: Stream, *, is_lost: bool) -> None:
        payload = stream.next(is_lost=is_lost)
        if not is_lost:
            self._sockets[stream.exporter].sendto(payload, self._target)


def overload(
    exporters: Exporters, collector: Watched, datagrams: int, *, bursts: int, restarts: bool
) -> None:
    """Send in bursts, each while the collector is held up for its second half; the last ends held up."""
    each = datagrams // bursts // 2
    for number in range(bursts):
        exporters.burst(each)
        collector.process.send_signal(signal.SIGSTOP)
        try:
            exporters.burst(each // 2, LOST_ON_THE_WAY if number < bursts - 1 else 0.0)
            if restarts and number == bursts // 2:
                exporters.restart_first()
            # What is lost on the way after the last datagram that came, nobody can know.
            exporters.burst(each - each // 2, LOST_ON_THE_WAY if number < bursts - 1 else 0.0)
        finally:
            collector.process.send_signal(signal.SIGCONT)


def measure(version: str, arguments: argparse.Namespace) -> Row:
    """Overload a collector and take stock."""
    with TemporaryDirectory(prefix="tidegauge-bench-") as top:
        lake = Path(top) / "lake"
        port = free_port()
        exporters = Exporters(version, arguments.exporters, arguments.domains, port)
        command = [*tidegauge_command(port, lake), "--receive-buffer", str(arguments.receive_buffer)]
        with Watched(command, Path(top) / "log") as watched:
            wait_for_port(port)
            exporters.introduce()
            wait_until_idle(watched.process)
            datagrams = arguments.flows * 2 // MOST_RECORDS
            overload(exporters, watched, datagrams, bursts=arguments.bursts, restarts=arguments.restart)
            wait_until_idle(watched.process)
        return balance(version, exporters.streams, ledger_of(lake))


def balance(version: str, streams: Sequence[Stream], envelope: dict[str, Any]) -> Row:
    """Hold what the ledger says against what was sent."""
    totals, completeness = envelope["totals"], envelope["completeness"]
    sent = sum(stream.records for stream in streams)
    lost = sent - totals["stored"]
    off = completeness["lost_records"] - lost
    return {
        "version": version,
        "sent": sent,
        "stored": totals["stored"],
        "lost": lost,
        "told": completeness["lost_records"],
        "give_or_take": completeness["lost_records_error"],
        "off_percent": round(100 * off / lost, 4) if lost else None,
        "kernel_drops": totals["lost_kernel"],
        "lost_on_the_way": sum(stream.records_on_the_way for stream in streams),
        "told_upstream": completeness["lost_upstream"],
    }


def broken_promises(row: Row, *, is_counted: bool) -> list[str]:
    """Say what does not balance."""
    off = abs(row["told"] - row["lost"])
    promises = {
        "nothing was lost, so nothing was shown": row["lost"] > 0,
        "what was lost is not what the ledger says, by far": off <= DEVIATIONS * row["give_or_take"] + 1,
        f"the ledger is off by more than {ALLOWED_PERCENT} %": not is_counted
        or off * 100 <= row["lost"] * ALLOWED_PERCENT,
    }
    return [f"{row['version']}: {promise}" for promise, is_kept in promises.items() if not is_kept]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", choices=VERSIONS, action="append", help="default: all three")
    parser.add_argument("--flows", type=int, default=1_000_000)
    parser.add_argument("--exporters", type=int, default=8)
    parser.add_argument("--domains", type=int, default=3, help="of each exporter")
    parser.add_argument("--bursts", type=int, default=5)
    parser.add_argument("--receive-buffer", type=int, default=4, metavar="MIB")
    parser.add_argument("--restart", action="store_true", help="let one exporter number anew amid a loss")
    arguments = parser.parse_args()
    rows = [measure(version, arguments) for version in arguments.version or VERSIONS]
    show(f"overload with {arguments.flows:,} flows", rows)
    is_large = arguments.flows >= LARGE and not arguments.restart
    broken = [
        promise
        for row in rows
        for promise in broken_promises(row, is_counted=is_large and row["version"] != "netflow9")
    ]
    if broken:
        sys.exit(f"the books do not balance: {'; '.join(broken)}")


if __name__ == "__main__":
    main()
