"""One field ranked by bytes, cold: tidegauge and nfdump over the same flows.

A run is a whole command, from the start of the program to its end, after the kernel has forgotten what it
read. Runs of both take turns; medians are compared, and both answers have to be the same. The full run:

    bench/top.py --flows 100000000 --rounds 3 --folder /var/tmp/flows

It takes hours on a busy machine. With ``--folder`` the flows and each finished run stay there, so that the
same command goes on where it was interrupted; without one they are made and removed again.
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
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from report import Row, show
from twin_flows import TwinFlows, tidegauge

ROWS = 10
# As getrusage counts them.
BLOCK_BYTES = 512

# Our field, and nfdump's word for it: all that both can rank, and that the flows have.
FIELDS = {
    "src_addr": "srcip",
    "dst_addr": "dstip",
    "src_port": "srcport",
    "dst_port": "dstport",
    "protocol": "proto",
    "tos": "tos",
    "in_interface": "inif",
    "out_interface": "outif",
    "src_as": "srcas",
    "dst_as": "dstas",
    "src_prefix_length": "srcmask",
    "dst_prefix_length": "dstmask",
    "next_hop": "nhip",
    "vlan": "srcvlan",
    "direction": "dir",
    "exporter": "router",
}


@dataclass(frozen=True)
class Run:
    """What a command took, read from the disk, and the bytes of the rows it answered."""

    seconds: float
    cpu_seconds: float
    bytes: Sequence[int] = ()
    read_bytes: int = 0


class Runs:
    """The finished runs of each program, field and round; a file keeps them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept = json.loads(path.read_text()) if path.exists() else {}
        self._runs = {name: Run(**run) for name, run in kept.items()}

    def ensure(self, name: str, make: Callable[[], Run]) -> None:
        """Make a run, unless it was finished before."""
        if name not in self._runs:
            run = self._runs[name] = make()
            self._path.write_text(json.dumps({name: asdict(run) for name, run in self._runs.items()}))
            print(f"{name}: {run.seconds:.1f} s, {run.cpu_seconds:.1f} CPU-s", file=sys.stderr, flush=True)

    def of(self, program: str, field: str) -> list[Run]:
        """A program's runs of a field."""
        return [run for name, run in self._runs.items() if name.split()[:2] == [program, field]]


def tidegauge_top(flows: TwinFlows, field: str, *options: str) -> Run:
    """Ask tidegauge."""
    command = [*tidegauge("top", flows.lake), field, "--limit", str(ROWS), "--format", "json", *options]
    run, answer = timed(command)
    return replace(run, bytes=[row["bytes"] for row in json.loads(answer)])


def nfdump_top(flows: TwinFlows, field: str) -> Run:
    """Ask nfdump."""
    statistic = ["-s", f"{FIELDS[field]}/bytes", "-n", str(ROWS), "-q", "-o", "csv"]
    run, answer = timed(["nfdump", "-R", str(flows.nfcapd), *statistic])
    return replace(run, bytes=[int(row["byt"]) for row in csv.DictReader(answer.strip().splitlines())])


PROGRAMS = {"tidegauge": tidegauge_top, "nfdump": nfdump_top}


def timed(command: Sequence[str]) -> tuple[Run, str]:
    """Run a command to its end."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    read_bytes = (after.ru_inblock - before.ru_inblock) * BLOCK_BYTES
    return Run(seconds, cpu_seconds, read_bytes=read_bytes), done.stdout


def forget(flows: TwinFlows) -> None:
    """Have the kernel drop what it kept of the files, all it kept where we may ask for that."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        for path in flows.files:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(flows: TwinFlows, runs: Runs, field: str, number: int) -> None:
    """One round of a field: both programs, one after the other."""
    for program, ask in PROGRAMS.items():

        def cold(ask: Callable[[TwinFlows, str], Run] = ask) -> Run:
            forget(flows)
            return ask(flows, field)

        runs.ensure(f"{program} {field} {number}", cold)


def beside(ours: Sequence[Run], theirs: Sequence[Run], *units: str) -> Row:
    """What both programs took in the median, and whether all runs gave the same answer."""
    row: Row = {}
    for unit in ("seconds", "cpu_seconds", *units):
        our, their = (statistics.median(getattr(run, unit) for run in side) for side in (ours, theirs))
        row |= {f"tidegauge_{unit}": round(our, 2), f"nfdump_{unit}": round(their, 2)}
        row[f"{unit.removesuffix('seconds').removesuffix('bytes')}ratio"] = (
            round(our / their, 3) if their else 0.0
        )
    return row | {"same_answer": all(list(run.bytes) == list(theirs[0].bytes) for run in (*ours, *theirs))}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=2_000_000)
    parser.add_argument("--exporters", type=int, default=1)
    parser.add_argument("--field", choices=FIELDS, action="append", help="default: all of them")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where flows and finished runs are kept")
    arguments = parser.parse_args()
    if shutil.which("nfdump") is None:
        sys.exit("nfdump is not installed: there is nothing to compare with")
    fields = arguments.field or FIELDS
    with TemporaryDirectory(prefix="tidegauge-bench-") as temporary:
        flows = TwinFlows(arguments.folder or Path(temporary))
        flows.ensure(arguments.flows, arguments.exporters)
        runs = Runs(flows.folder / "runs.json")
        for number in range(arguments.rounds):
            for field in fields:
                measure(flows, runs, field, number)
        rows = [
            {"field": field} | beside(runs.of("tidegauge", field), runs.of("nfdump", field))
            for field in fields
        ]
    show("top, cold", rows)


if __name__ == "__main__":
    main()
