"""Every benchmark, each with what it is measured with, and its results kept as data.

    bench/suite.py                          # all of them but those that take an hour
    bench/suite.py collect-ipfix peak-ipfix # some
    bench/suite.py --small                  # all with little, to see that they work

What each printed is written to bench/results as it ends, with the machine, how much of it others used
meanwhile, and the command that was run. So it goes on where it was interrupted: name what is missing. ``make
generate`` writes the figures of README.md and the documentation from there.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the peers of the tests

from machine import Others, describe, versions
from report import Row

BENCH = Path(__file__).parent
RESULTS = BENCH / "results"
VERSIONS = ("netflow5", "netflow9", "ipfix")
COLLECT = "collect.py --flows 10000000 --rate 500000 --rounds 3"
SMALL_COLLECT = "collect.py --flows 300000 --rate 200000"
NFCAPD = "--only nfcapd --only 'nfcapd -y' --only tidegauge"

RUNS = {
    **{
        f"collect-{it}": (f"{COLLECT} --version {it} {NFCAPD}", f"{SMALL_COLLECT} --version {it} {NFCAPD}")
        for it in ("netflow5", "netflow9")
    },
    "collect-ipfix": (f"{COLLECT} --version ipfix", f"{SMALL_COLLECT} --version ipfix"),
    **{
        f"collect-{it}-high-entropy": (
            f"{COLLECT} --version {it} --kind high-entropy {NFCAPD}",
            f"{SMALL_COLLECT} --version {it} --kind high-entropy {NFCAPD}",
        )
        for it in ("netflow9", "ipfix")
    },
    **{
        f"peak-{it}": (
            f"peak.py --version {it} --seconds 3 --precision 0.08",
            f"peak.py --version {it} --seconds 1 --precision 0.4 --tries 1",
        )
        for it in VERSIONS
    },
    **{
        f"scaling-{it}": (
            f"scaling.py --version {it} --flows 1500000 --rate 500000",
            f"scaling.py --version {it} --flows 100000",
        )
        for it in VERSIONS[1:]
    },
    "overload": ("overload.py --flows 5000000", "overload.py --flows 200000"),
    "receivers": (
        "receivers.py --flows 3000000 --rate 300000 --rounds 5",
        "receivers.py --flows 200000",
    ),
    "growth": (
        "growth.py --size 10000000 --size 100000000 --size 200000000 --rounds 2",
        "growth.py --size 200000 --size 400000 --rounds 1",
    ),
    "growth-high-entropy": (
        "growth.py --kind high-entropy --size 8000000 --size 100000000 --size 200000000 --rounds 2",
        "growth.py --kind high-entropy --size 200000 --size 400000 --rounds 1",
    ),
    "top": ("top.py --flows 10000000 --rounds 3", "top.py --flows 200000 --rounds 1 --field src_addr"),
    "filter": ("filter.py --flows 10000000", "filter.py --flows 200000 --rounds 1"),
    "kill": ("kill.py", "kill.py --rounds 1 --seconds 2"),
    "copies": ("copies.py --flows 3000000", "copies.py --flows 200000 --rounds 1"),
    "meter": ("meter.py", "meter.py --packets 100000 --conversations 10000 --turns 1"),
    "replies": ("replies.py", "replies.py --seconds 0.5 --turns 1"),
    "clocks": ("clocks.py", "clocks.py --runs 2 --seconds 10"),
    "translations": ("translations.py", "translations.py --rate 5000 --seconds 1"),
    "pages": ("pages.py", "pages.py --rounds 1 --starts 1 --page clocks"),
    "memory": ("memory.py --seconds 3600 --rate 500000", "memory.py --seconds 5 --rate 100000"),
}
"""By name: the program with its arguments, and with little."""
LONG = {"memory"}
"""Only run where they are named."""


def tables(said: str) -> list[Row]:
    """The tables that a program printed, from their lines for machines."""
    lines = [line for line in said.splitlines() if line.startswith('{"benchmark"')]
    return [{"title": table["benchmark"], "rows": table["rows"]} for table in map(json.loads, lines)]


def run(name: str, command: Sequence[str], *unsaid: str) -> Row:
    """Run a program to its end and say what it found; its words go on to who started us.

    Options that hold of this machine alone stay ``unsaid``.
    """
    began = time.monotonic()
    with Others() as others:
        program = [sys.executable, str(BENCH / command[0]), *command[1:], *unsaid]
        done = subprocess.run(program, check=False, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    return {
        "benchmark": name,
        "command": f"bench/{shlex.join(command)}",
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "seconds": round(time.monotonic() - began),
        "exit": done.returncode,
        "used_by_others": round(others.share, 2),
        "machine": describe(),
        "versions": versions(),
        "tables": tables(done.stdout),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "name", nargs="*", metavar="NAME", help=f"default: all but {', '.join(LONG)} of {', '.join(RUNS)}"
    )
    parser.add_argument("--small", action="store_true", help="with little, to see that they work")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where results are written")
    parser.add_argument("--folder", type=Path, help="where growth.py keeps its lakes")
    arguments = parser.parse_args()
    if unknown := set(arguments.name) - set(RUNS):
        sys.exit(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    arguments.results.mkdir(parents=True, exist_ok=True)
    broken = []
    for name in arguments.name or [it for it in RUNS if it not in LONG]:
        keeps = name.startswith("growth") and arguments.folder
        folder = ["--folder", str(arguments.folder / name)] if keeps else []
        result = run(name, shlex.split(RUNS[name][arguments.small]), *folder)
        if result["tables"]:
            (arguments.results / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
        if result["exit"] or not result["tables"]:
            broken.append(name)
    if broken:
        sys.exit(f"failed, or broke a promise: {', '.join(broken)}; their words stand above")


if __name__ == "__main__":
    main()
