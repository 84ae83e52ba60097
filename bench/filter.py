"""A filter for one address and port, cold: tidegauge and nfdump over the same flows.

Addresses are chosen by how many of the flows are theirs: the one that has most, one of the middle, one that
has very few, and one that never was there. Of each the sources are ranked by bytes among the flows of a port
that it has. A run is a whole command after the kernel has forgotten what it read; bytes that came from the
disk are told beside it. With ``--folder`` flows and finished runs stay, as with ``bench/top.py``:

    bench/filter.py --flows 200000000 --folder /var/tmp/flows

``--kind high-entropy`` has five million sources, of which none repeats much.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from report import show
from top import ROWS, Run, Runs, beside, forget, tidegauge_top, timed
from traffic_model import KINDS, Columns
from twin_flows import FLOWS_IN_PART, RoutedTraffic, TwinFlows, now_of

from tidegauge.flow.addresses import text_from_address

ABSENT = "ip 198.18.99.99 and port 443"


def filters_of(kind: str, flows: int) -> dict[str, str]:
    """Filters by name, for addresses of the first part of the flows, the commonest first."""
    span = now_of(1) - now_of(0)
    columns = RoutedTraffic(kind, seed=0).columns(min(flows, FLOWS_IN_PART), now_of(0), span=span)
    sides = np.concatenate([columns["src_addr"], columns["dst_addr"]])
    _, first, counts = np.unique(sides, axis=0, return_index=True, return_counts=True)
    order = np.argsort(counts, kind="stable")
    of_middle = order[np.searchsorted(np.cumsum(counts[order]), counts.sum() // 2)]
    chosen = {"common": order[-1], "middle": of_middle, "rare": order[0]}
    there = {name: filter_of(columns, int(first[place])) for name, place in chosen.items()}
    return there | {"absent": ABSENT}


def filter_of(columns: Columns, place: int) -> str:
    """The filter for an address, by its place among sources and then destinations, and a port of its."""
    side, row = divmod(place, len(columns["src_addr"]))
    address = text_from_address(columns["dst_addr" if side else "src_addr"][row].tobytes())
    return f"ip {address} and port {columns['dst_port'][row]}"


def nfdump_filter(flows: TwinFlows, words: str) -> Run:
    """Ask nfdump."""
    statistic = ["-s", "srcip/bytes", "-n", str(ROWS), "-q", "-o", "csv"]
    run, answer = timed(["nfdump", "-R", str(flows.nfcapd), *statistic, words])
    lines = [line for line in answer.strip().splitlines() if "," in line]
    return replace(run, bytes=[int(row["byt"]) for row in csv.DictReader(lines)])


def tidegauge_filter(flows: TwinFlows, words: str) -> Run:
    """Ask tidegauge."""
    return tidegauge_top(flows, "src_addr", words)


PROGRAMS = {"tidegauge": tidegauge_filter, "nfdump": nfdump_filter}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=2_000_000)
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--exporters", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where flows and finished runs are kept")
    arguments = parser.parse_args()
    if shutil.which("nfdump") is None:
        sys.exit("nfdump is not installed: there is nothing to compare with")
    with TemporaryDirectory(prefix="tidegauge-bench-") as temporary:
        flows = TwinFlows(arguments.folder or Path(temporary), arguments.kind)
        flows.ensure(arguments.flows, arguments.exporters)
        runs, filters = Runs(flows.folder / "filters.json"), filters_of(arguments.kind, arguments.flows)
        for number in range(arguments.rounds):
            for name, words in filters.items():
                for program, ask in PROGRAMS.items():
                    runs.ensure(f"{program} {name} {number}", partial(cold, partial(ask, words=words), flows))
        rows = [
            {"address": name, "filter": words}
            | beside(runs.of("tidegauge", name), runs.of("nfdump", name), "read_bytes")
            for name, words in filters.items()
        ]
    show("a filter for one address and port, cold", rows)


def cold(ask: Callable[[TwinFlows], Run], flows: TwinFlows) -> Run:
    """A run after the kernel has forgotten the files."""
    forget(flows)
    return ask(flows)


if __name__ == "__main__":
    main()
