"""The same flows twice, on disk: as files of nfcapd, and as a lake.

nfcapd takes them from loopback and packs them with LZ4, which leaves a quarter to read; tidegauge imports the
same datagrams. Each flow carries what a router adds to it: autonomous systems, lengths of prefixes, next hop,
VLAN and direction. 100 million need about 7 GB.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from datagrams import Datagrams, encode
from pcap import write_exports
from process import Watched, free_port, wait_for_port, wait_until_idle
from send import exporter_socket
from traffic_model import MAPPED, SECOND, Array, Columns, TrafficModel, addresses

FLOWS_IN_PART = 1_000_000
FLOWS_PER_SECOND = 20_000
BEGIN = 1_760_000_000 * SECOND
# Together well below the receive buffer that nfcapd gets, whatever the kernel adds to a datagram.
MOST_WAITING_BYTES, DATAGRAMS_A_BURST = 60_000, 32
OWN_SYSTEM, SYSTEMS, ROUTERS, VLANS = 64_512, 40_000, 12, 40


class RoutedTraffic(TrafficModel):
    """The traffic model as seen by a router that knows its routes."""

    def columns(self, count: int, now: int, *, part: int = 0, span: int = SECOND) -> Columns:
        """Draw flows, and add what the router would."""
        columns = super().columns(count, now, part=part, span=span)
        source, destination = host_of(columns["src_addr"]), host_of(columns["dst_addr"])
        is_ipv6 = (columns["dst_addr"][:, :12] != MAPPED).any(axis=1)
        router = system_of(destination) % ROUTERS
        return columns | {
            "src_as": system_of(source),
            "dst_as": system_of(destination),
            "src_prefix_length": prefix_length_of(source, is_ipv6),
            "dst_prefix_length": prefix_length_of(destination, is_ipv6),
            "next_hop": addresses(router + (172 << 24), 0xFE800000_00000000, is_ipv6),
            "vlan": (1 + np.where(source >> 24 == 10, source, destination) % VLANS).astype(np.uint16),
            # All metered on arrival: what is metered in both directions we count once, and nfdump does not.
            "direction": np.zeros(count, np.uint8),
        }


def host_of(rows: Array) -> Array:
    """The number of a host, which both families end with."""
    host: Array = rows[:, 12:].copy().view(">u4").reshape(-1).astype(np.uint32)
    return host


def system_of(host: Array) -> Array:
    """The autonomous system of an address: our own inside, else one of many by its /20."""
    return np.where(host >> 24 == 10, OWN_SYSTEM, 1 + (host >> 12) * 2_654_435_761 % SYSTEMS).astype(
        np.uint32
    )


def prefix_length_of(host: Array, is_ipv6: Array) -> Array:
    """The length of the route that covers an address."""
    return np.where(is_ipv6, 32 + (host >> 12) % 5 * 4, 16 + (host >> 12) % 9).astype(np.uint8)


@dataclass(frozen=True)
class TwinFlows:
    """The folder that holds the flows twice; ``kind`` is a traffic model."""

    folder: Path
    kind: str = "realistic"

    @property
    def lake(self) -> Path:
        """Of tidegauge."""
        return self.folder / "lake"

    @property
    def nfcapd(self) -> Path:
        """The files of nfcapd."""
        return self.folder / "nfcapd"

    @property
    def files(self) -> Iterator[Path]:
        """Every file of both."""
        return (path for path in self.folder.rglob("*") if path.is_file())

    def ensure(self, flows: int, exporters: int) -> None:
        """Make the flows unless just these are there; what was left half made is made anew."""
        wanted, made = {"flows": flows, "exporters": exporters, "kind": self.kind}, self.folder / "made.json"
        if made.exists() and json.loads(made.read_text()) == wanted:
            return
        for old in (self.lake, self.nfcapd):
            shutil.rmtree(old, ignore_errors=True)
        self.make(flows, exporters)
        made.write_text(json.dumps(wanted))

    def grown_from(self, smaller: TwinFlows, begun: int, flows: int, exporters: int) -> None:
        """Be ``smaller``, which has ``begun`` flows, and more; what was left half made is made anew."""
        if self.folder.exists():
            return
        growing = replace(self, folder=self.folder.with_suffix(".growing"))
        shutil.rmtree(growing.folder, ignore_errors=True)
        shutil.copytree(smaller.folder, growing.folder, copy_function=link_or_copy)
        growing.make(flows, exporters, begun)
        growing.folder.rename(self.folder)

    def make(self, flows: int, exporters: int, begun: int = 0) -> None:
        """Send the flows to nfcapd, no faster than it takes them, and import the same datagrams.

        What was ``begun`` is there, in whole parts.
        """
        port, count, received = free_port(), min(flows, FLOWS_IN_PART), self.nfcapd / str(begun)
        received.mkdir(parents=True)
        place = ["-b", "127.0.0.1", "-p", str(port), "-w", str(received)]
        with (
            Watched(["nfcapd", *place, "-y", "-t", "60"], self.folder / "nfcapd.log") as collector,
            ProcessPoolExecutor(1) as pool,
            TemporaryDirectory(dir=self.folder) as temporary,
        ):
            wait_for_port(port)
            sockets = [exporter_socket(exporter) for exporter in range(exporters)]
            parts = range(begun // count, flows // count)
            for part, made in zip(parts, drawn_ahead(pool, parts, self.kind, count, exporters), strict=True):
                path = Path(temporary) / "exports.pcap"
                write_exports(path, made, now_of(part + 1), FLOWS_PER_SECOND)
                command = [*tidegauge("import", self.lake), str(path)]
                with subprocess.Popen(command, stderr=subprocess.DEVNULL) as importing:
                    for number, payload in enumerate(made.payloads):
                        if number % DATAGRAMS_A_BURST == 0:
                            wait_for_room(port)
                        sockets[made.exporters[number]].sendto(payload, ("127.0.0.1", port))
                if importing.returncode:
                    raise RuntimeError(f"the import ended with {importing.returncode}")
                print(f"made {(part + 1) * count:,} of {flows:,} flows", file=sys.stderr, flush=True)
            wait_until_idle(collector.process)


def link_or_copy(source: str, target: str) -> str:
    """A second name for a file that nobody writes to any more, a copy of any other."""
    if source.endswith(".parquet") or "/nfcapd/" in source:
        os.link(source, target)
        return target
    return shutil.copy2(source, target)


def drawn_ahead(
    pool: ProcessPoolExecutor, parts: range, kind: str, flows: int, exporters: int
) -> Iterator[Datagrams]:
    """The datagrams of each part; the next is made while one is sent."""
    ahead = [pool.submit(drawn, kind, part, flows, exporters) for part in parts[:1]]
    for part in parts:
        made = ahead.pop().result()
        if part + 1 in parts:
            ahead.append(pool.submit(drawn, kind, part + 1, flows, exporters))
        yield made


def drawn(kind: str, part: int, flows: int, exporters: int) -> Datagrams:
    """Flows that ended while the part before was being sent."""
    model, span = RoutedTraffic(kind, seed=part), now_of(1) - now_of(0)
    # Headers tell when a datagram comes: else the exporter's clock would be put right.
    now = now_of(part)
    return encode(
        model, "ipfix", flows, exporters=exporters, numbered=False, now=now, span=span, sending=span
    )


def now_of(part: int) -> int:
    """When a part begins to arrive, as its capture has it."""
    return BEGIN + part * FLOWS_IN_PART * SECOND // FLOWS_PER_SECOND


def wait_for_room(port: int) -> None:
    """Wait until little waits in the buffer of a UDP port."""
    wanted = f":{port:04X}"
    while True:
        lines = Path("/proc/net/udp").read_text().splitlines()
        waiting = next(line.split()[4] for line in lines[1:] if line.split()[1].endswith(wanted))
        if int(waiting.partition(":")[2], 16) < MOST_WAITING_BYTES:
            return
        time.sleep(0.0002)


def tidegauge(command: str, lake: Path) -> list[str]:
    """A command as people start it."""
    return [str(Path(sys.executable).parent / "tidegauge"), command, "--lake", str(lake)]
