"""Write the figures of README.md and the documentation from the results in bench/results.

A page has a block for each set of figures, between ``<!-- figures: NAME -->`` and ``<!-- end -->``.
``python scripts/figures.py`` writes them; ``--check`` only compares and exits 1 on drift.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench/results"
PAGES = ("README.md", "docs/explanation/performance.md")
BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
QUIET = 0.1
"""Of the machine's processors: where others used more, it was busy."""

Row = dict[str, Any]
Results = Mapping[str, Row]
"""What bench/suite.py wrote, by name; what was not measured is not there."""


@dataclass(frozen=True)
class Cell:
    """A column of the last row in which other columns have these values."""

    column: str
    wanted: Row

    def value(self, result: Row) -> float | None:
        """The number, None where there is none."""
        return self._row(result).get(self.column) or None

    def told(self, result: Row) -> str:
        """The number in words, and whether it might be more."""
        value = self.value(result)
        is_least = self._row(result).get("limit") == "sender"
        return "" if value is None else number(value) + " or more" * is_least

    def _row(self, result: Row) -> Row:
        rows = [row for table in result["tables"] for row in table["rows"]]
        found = [row for row in rows if self.wanted.items() <= row.items()]
        return found[-1] if found else {}


@dataclass(frozen=True)
class Figure:
    """A number of ours beside another's."""

    what: str
    result: str
    ours: Cell
    beside: str
    theirs: Cell

    def cells(self, results: Results) -> list[list[str]]:
        """A line of the table, or none where one of both was not measured."""
        result = results.get(self.result)
        ours, theirs = (it.value(result) if result else None for it in (self.ours, self.theirs))
        if result is None or ours is None or theirs is None:
            return []
        told = [self.ours.told(result), f"{self.theirs.told(result)} ({self.beside})"]
        return [[self.what, *told, f"{ours / theirs:.2f}"]]


def of_collectors(what: str, result: str, other: str, column: str, our_column: str = "") -> Figure:
    """A figure of two collectors in the same table."""
    ours = Cell(our_column or column, {"collector": "tidegauge"})
    return Figure(what, result, ours, other, Cell(column, {"collector": other}))


def of_questions(what: str, question: str, result: str = "growth") -> Figure:
    """A figure of a question over the largest lake."""
    wanted = {"question": question}
    ours, theirs = (Cell(f"{name}_seconds", wanted) for name in ("tidegauge", "nfdump"))
    return Figure(what, result, ours, "nfdump", theirs)


def of_servers(what: str, result: str, column: str, other: str, kind: str, **wanted: str) -> Figure:
    """A figure of two programs whose names stand in a column."""
    ours, theirs = (Cell(column, {kind: name, **wanted}) for name in ("tidegauge", other))
    return Figure(what, result, ours, other, theirs)


SPEED, PEAK, SIZE = "flows_per_cpu_second", "peak", "bytes_per_flow"
DENSE = "aged_bytes_per_flow"
VERSIONS = {"netflow9": "NetFlow v9", "ipfix": "IPFIX", "netflow5": "NetFlow v5"}
SUMMARY = (
    *(
        of_collectors(
            f"flows of {words} stored by a second of processor time", f"collect-{it}", "nfcapd -y", SPEED
        )
        for it, words in VERSIONS.items()
    ),
    *(
        of_collectors("the same of IPFIX, beside others", "collect-ipfix", other, SPEED)
        for other in ("goflow2", "nfacctd")
    ),
    *(
        of_collectors(
            f"flows of {words} a second that one core takes without a loss", f"peak-{it}", "nfcapd -y", PEAK
        )
        for it, words in VERSIONS.items()
    ),
    *(
        of_collectors(
            f"bytes for a flow of {words}, once its day is over", f"collect-{it}", "nfcapd -y", SIZE, DENSE
        )
        for it, words in VERSIONS.items()
    ),
    of_questions("seconds for the ten sources with most bytes, cold, largest lake", "top"),
    of_questions("the same, with five million sources", "top", "growth-high-entropy"),
    of_questions("seconds for a filter by address and port, cold, largest lake", "middle"),
    of_questions("the same, with five million sources", "middle", "growth-high-entropy"),
    of_servers(
        "packets metered by a second of processor time",
        "meter",
        "packets per CPU-second",
        "softflowd",
        "meter",
    ),
    of_servers(
        "replies of NTP by a second of processor time",
        "replies",
        "replies per CPU-second",
        "chronyd",
        "server",
        requests="plain",
    ),
)


def summary(results: Results) -> list[str]:
    """What we promise, beside who is known for it."""
    lines = [line for figure in SUMMARY for line in figure.cells(results)]
    used = {figure.result: results[figure.result] for figure in SUMMARY if figure.cells(results)}
    return table(["", "tidegauge", "beside", "ratio"], lines, used)


def whole(prefix: str, **headings: str) -> Callable[[Results], list[str]]:
    """A block of all tables of the results whose names begin so, with these columns and their headings."""

    def block(results: Results) -> list[str]:
        used = {name: result for name, result in results.items() if name.startswith(prefix)}
        tables = [each for result in used.values() for each in result["tables"]]
        lines = [
            [each["title"], *(text(row.get(column)) for column in headings)]
            for each in tables
            for row in each["rows"]
        ]
        return table(["measured", *headings.values()], lines, used)

    return block


BLOCKS: dict[str, Callable[[Results], list[str]]] = {
    "summary": summary,
    "collect": whole(
        "collect-",
        collector="collector",
        flows_per_cpu_second="flows by a processor second",
        lost="lost",
        bytes_per_flow="bytes a flow",
        aged_bytes_per_flow="once the day is over",
        joining_microseconds="µs a flow for that",
        summing_microseconds="µs for sums",
    ),
    "peak": whole(
        "peak-",
        collector="collector",
        peak="flows a second without a loss",
        fails_at="fails at",
        limit="limited by",
        ratio="ratio",
        off_percent="ledger off, %",
    ),
    "scaling": whole(
        "scaling-",
        exporters="exporters",
        domains="domains each",
        templates="templates in all",
        collector="collector",
        flows_per_cpu_second="flows by a processor second",
        rss_megabytes="MB resident",
        lost_percent="lost, %",
    ),
    "overload": whole(
        "overload",
        version="version",
        sent="sent",
        lost="lost",
        told="the ledger says",
        give_or_take="give or take",
        off_percent="off, %",
    ),
    "growth": whole(
        "growth",
        flows="flows",
        question="question",
        tidegauge_seconds="tidegauge, s",
        nfdump_seconds="nfdump, s",
        ratio="ratio",
        cpu_ratio="of its processor time",
        read_ratio="of what it reads",
        same_answer="same answer",
    ),
}


def origin(used: Results) -> str:
    """In words, where and when these were measured, and which of them on a busy machine."""
    machines = sorted({machine_of(result) for result in used.values()})
    dates = sorted({result["date"] for result in used.values()})
    busy = [
        f"{name} {result['used_by_others']:.0%}"
        for name, result in used.items()
        if result["used_by_others"] > QUIET
    ]
    words = f"Measured {' to '.join(dict.fromkeys((dates[0], dates[-1])))} on {'; '.join(machines)}."
    if busy:
        words += f" **On a busy machine**, of which others used meanwhile: {', '.join(busy)}."
    return words


def machine_of(result: Row) -> str:
    """A machine in words, with what ran on it."""
    machine, versions = result["machine"], dict(result["versions"])
    del versions["tidegauge"]
    programs = ", ".join(f"{name} {which}" for name, which in versions.items())
    what = f"{machine['processors']} cores ({machine['processor']}), {machine['memory_gigabytes']} GB"
    return f"{what}, Linux {machine['kernel']}, {programs}"


def number(value: float) -> str:
    """No more digits than such a measurement has."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded.is_integer() else f"{rounded:g}"


def text(value: object) -> str:
    """What stands in a cell of a whole table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)


def table(head: Sequence[str], lines: Sequence[Sequence[str]], used: Results) -> list[str]:
    """A table of Markdown, and where its results are from."""
    if not used:
        return ["Not measured yet."]
    rows = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *lines)]
    return [*rows, "", origin(used)]


def load(folder: Path) -> Results:
    """Results by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def filled(page: str, results: Results) -> str:
    """A page with its blocks as the results have them."""
    return BLOCK.sub(lambda it: f"{it[1]}{chr(10).join(BLOCKS[it[2]](results))}\n{it[3]}", page)


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    results, drifted = load(RESULTS), []
    for name in PAGES:
        page = (ROOT / name).read_text()
        written = filled(page, results)
        if "--check" not in arguments:
            (ROOT / name).write_text(written)
        elif written != page:
            drifted.append(name)
    if drifted:
        sys.stderr.write(f"{', '.join(drifted)}: figures differ from bench/results; run `make generate`\n")
    return bool(drifted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
