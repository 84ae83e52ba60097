"""One field ranked by bytes, cold: tidegauge and nfdump over the same flows.

A run is a whole command, from the start of the program to its end, after the kernel has forgotten what it
read. Runs of both take turns; medians are compared, and both answers have to be the same. The full run:

    bench/top.py --flows 100000000 --folder /var/tmp/flows

The flows are made once (nfcapd takes them from loopback and packs them with LZ4, which leaves a quarter to
read; tidegauge imports the same datagrams) and stay in
``--folder``, which needs 50 bytes a flow; without one they are made and removed again.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from datagrams import Datagrams, encode
from pcap import write_exports
from process import Watched, free_port, wait_for_port, wait_until_idle
from report import Row, show
from send import exporter_socket
from traffic_model import SECOND, TrafficModel

FLOWS_IN_PART = 1_000_000
FLOWS_PER_SECOND = 20_000
BEGIN = 1_760_000_000 * SECOND
ROWS = 10
# Together well below the receive buffer that nfcapd gets, whatever the kernel adds to a datagram.
MOST_WAITING_BYTES, DATAGRAMS_A_BURST = 60_000, 32

# Our field, and nfdump's word for it.
FIELDS = {
    "src_addr": "srcip",
    "dst_addr": "dstip",
    "src_port": "srcport",
    "dst_port": "dstport",
    "protocol": "proto",
    "tos": "tos",
    "in_interface": "inif",
    "exporter": "router",
}


@dataclass(frozen=True)
class Run:
    """What a command took, and the bytes of the rows it answered."""

    seconds: float
    cpu_seconds: float
    bytes: Sequence[int] = ()


@dataclass(frozen=True)
class Flows:
    """The folder that holds the flows twice."""

    folder: Path

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

    def make(self, flows: int, exporters: int) -> None:
        """Send the flows to nfcapd, no faster than it takes them, and import the same datagrams."""
        self.nfcapd.mkdir(parents=True)
        port, count = free_port(), min(flows, FLOWS_IN_PART)
        place = ["-b", "127.0.0.1", "-p", str(port), "-w", str(self.nfcapd)]
        with (
            Watched(["nfcapd", *place, "-y", "-t", "60"], self.folder / "nfcapd.log") as collector,
            ProcessPoolExecutor(1) as pool,
            TemporaryDirectory(dir=self.folder) as temporary,
        ):
            wait_for_port(port)
            sockets = [exporter_socket(exporter) for exporter in range(exporters)]
            for part, made in enumerate(drawn_ahead(pool, flows // count, count, exporters)):
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
            wait_until_idle(collector.process)


def drawn_ahead(pool: ProcessPoolExecutor, parts: int, flows: int, exporters: int) -> Iterator[Datagrams]:
    """The datagrams of each part; the next is made while one is sent."""
    ahead = [pool.submit(drawn, 0, flows, exporters)]
    for part in range(1, parts + 1):
        made = ahead.pop().result()
        if part < parts:
            ahead.append(pool.submit(drawn, part, flows, exporters))
        yield made


def drawn(part: int, flows: int, exporters: int) -> Datagrams:
    """Flows that ended while the part before was being sent."""
    model, span = TrafficModel(seed=part), now_of(1) - now_of(0)
    return encode(model, "ipfix", flows, exporters=exporters, numbered=False, now=now_of(part), span=span)


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


def tidegauge_top(flows: Flows, field: str) -> Run:
    """Ask tidegauge."""
    run, answer = timed([*tidegauge("top", flows.lake), field, "--limit", str(ROWS), "--format", "json"])
    return replace(run, bytes=[row["bytes"] for row in json.loads(answer)])


def nfdump_top(flows: Flows, field: str) -> Run:
    """Ask nfdump."""
    statistic = ["-s", f"{FIELDS[field]}/bytes", "-n", str(ROWS), "-q", "-o", "csv"]
    run, answer = timed(["nfdump", "-R", str(flows.nfcapd), *statistic])
    return replace(run, bytes=[int(row["byt"]) for row in csv.DictReader(answer.strip().splitlines())])


def timed(command: Sequence[str]) -> tuple[Run, str]:
    """Run a command to its end."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Run(seconds, cpu_seconds), done.stdout


def forget(flows: Flows) -> None:
    """Have the kernel drop what it kept of the files, all it kept where we may ask for that."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        for path in flows.files:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def compare(flows: Flows, field: str, rounds: int) -> Row:
    """Both programs in turn, and what they took in the median."""
    ours: list[Run] = []
    theirs: list[Run] = []
    for _ in range(rounds):
        for runs, ask in ((ours, tidegauge_top), (theirs, nfdump_top)):
            forget(flows)
            runs.append(ask(flows, field))
    return {
        "field": field,
        "tidegauge_seconds": _median(run.seconds for run in ours),
        "nfdump_seconds": _median(run.seconds for run in theirs),
        "ratio": round(_median(run.seconds for run in ours) / _median(run.seconds for run in theirs), 2),
        "cpu_ratio": round(
            _median(run.cpu_seconds for run in ours) / _median(run.cpu_seconds for run in theirs), 2
        ),
        "tidegauge_cpu_seconds": _median(run.cpu_seconds for run in ours),
        "nfdump_cpu_seconds": _median(run.cpu_seconds for run in theirs),
        "same_answer": all(run.bytes == theirs[0].bytes for run in (*ours, *theirs)),
    }


def _median(numbers: Iterable[float]) -> float:
    return round(statistics.median(numbers), 2)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=2_000_000)
    parser.add_argument("--exporters", type=int, default=1)
    parser.add_argument("--field", choices=FIELDS, action="append", help="default: all of them")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the flows are, or are put and kept")
    arguments = parser.parse_args()
    if shutil.which("nfdump") is None:
        sys.exit("nfdump is not installed: there is nothing to compare with")
    with TemporaryDirectory(prefix="tidegauge-bench-") as temporary:
        flows = Flows(arguments.folder or Path(temporary) / "flows")
        if not flows.lake.exists():
            flows.make(arguments.flows, arguments.exporters)
        rows = [compare(flows, field, arguments.rounds) for field in arguments.field or FIELDS]
    show("top, cold", rows)


if __name__ == "__main__":
    main()
