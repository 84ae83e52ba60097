"""The same questions over more and more flows, cold: tidegauge and nfdump.

``top`` is the ten sources with most bytes as people ask, which sums of hours answer where they are exact;
``top-by-flows`` looks at each flow as nfdump does. The others are filters for an address and a port, as in
bench/filter.py. ``--kind high-entropy`` has five million sources. A run is a whole command after the kernel
has forgotten what it read.

    bench/growth.py --size 10000000 --size 100000000 --size 200000000 --folder /var/tmp/growth --build
    bench/growth.py --size 10000000 --size 100000000 --size 200000000 --folder /var/tmp/growth

Each size has all flows of the smaller one and others beside, all drawn anew: with ``--build`` they are only
made, which takes most of the time (four processor seconds for a million flows) and may be done on a busy
machine; 200 million need 22 GB. Flows and finished runs stay in the folder, so that it goes on where it was
interrupted.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from filter import cold, filters_of, nfdump_filter, tidegauge_filter
from report import Row, show
from top import Run, Runs, beside, nfdump_top, tidegauge_top
from traffic_model import KINDS
from twin_flows import TwinFlows

FIELD = "src_addr"
EXPORTERS = 1
Ask = Callable[[TwinFlows], Run]


def questions(kind: str, flows: int) -> dict[str, tuple[Ask, str, Ask]]:
    """By name, how we are asked, and by a name of its own how nfdump is, which is asked each once."""
    filters = filters_of(kind, flows)
    theirs = partial(nfdump_top, field=FIELD)
    return {
        "top": (partial(tidegauge_top, field=FIELD), "top", theirs),
        "top-by-flows": (lambda it: tidegauge_top(it, FIELD, "--no-rollups"), "top", theirs),
        **{
            name: (partial(tidegauge_filter, words=words), name, partial(nfdump_filter, words=words))
            for name, words in filters.items()
        },
    }


def build(folder: Path, kind: str, sizes: list[int]) -> dict[int, TwinFlows]:
    """The flows of each size, the smallest first."""
    made: dict[int, TwinFlows] = {}
    for size in sizes:
        flows = TwinFlows(folder / str(size), kind)
        if made:
            begun, smaller = next(reversed(made.items()))
            flows.grown_from(smaller, begun, size, EXPORTERS)
        else:
            flows.folder.mkdir(parents=True, exist_ok=True)
            flows.ensure(size, EXPORTERS)
        made[size] = flows
    return made


def asked(flows: TwinFlows, size: int, rounds: int) -> list[Row]:
    """Ask all questions of one size, by turns."""
    runs, all_questions = Runs(flows.folder.with_suffix(".runs.json")), questions(flows.kind, size)
    for number in range(rounds):
        for name, (ours, their_name, theirs) in all_questions.items():
            runs.ensure(f"tidegauge {name} {number}", partial(cold, ours, flows))
            runs.ensure(f"nfdump {their_name} {number}", partial(cold, theirs, flows))
    return [
        {"flows": size, "question": name}
        | beside(runs.of("tidegauge", name), runs.of("nfdump", their_name), "read_bytes")
        for name, (_, their_name, _) in all_questions.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, action="append", help="flows; default: 1 and 2 million")
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where flows and finished runs are kept")
    parser.add_argument("--build", action="store_true", help="make the flows, and ask nothing")
    arguments = parser.parse_args()
    if shutil.which("nfdump") is None:
        sys.exit("nfdump is not installed: there is nothing to compare with")
    with TemporaryDirectory(prefix="tidegauge-bench-") as temporary:
        sizes = sorted(arguments.size or [1_000_000, 2_000_000])
        made = build(arguments.folder or Path(temporary), arguments.kind, sizes)
        if not arguments.build:
            rows = [row for size, flows in made.items() for row in asked(flows, size, arguments.rounds)]
            show(f"questions over more and more {arguments.kind} flows, cold", rows)


if __name__ == "__main__":
    main()
