"""Breaks: mistakes put into the code on purpose, each with what it hurts and the test that must notice.

They stand as data in tests/conformance/breaks, a file for each chapter of docs/reference/conformance.md.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from typing import NamedTuple

from tests.surroundings import ROOT

FOLDER = ROOT / "tests/conformance/breaks"
CHAPTERS = sorted(path.stem for path in FOLDER.glob("*.toml"))


class Change(NamedTuple):
    """A text of a source file, found once, and what stands there instead."""

    file: str
    find: str
    put: str


class Break(NamedTuple):
    """A change that must make a test fail: ``path::name``."""

    requirements: tuple[str, ...]
    change: Change
    test: str

    @property
    def is_for_rust(self) -> bool:
        """Whether the test is one of the core, and not of Python."""
        return ".rs::" in self.test


def breaks_of(chapter: str) -> list[Break]:
    """Every break of a chapter, in order."""
    rows = tomllib.loads((FOLDER / f"{chapter}.toml").read_text())["break"]
    return [
        Break(tuple(row["requirements"]), Change(row["file"], row["find"], row["put"]), row["test"])
        for row in rows
    ]


def by_change(breaks: list[Break]) -> dict[Change, list[Break]]:
    """The breaks by what they change; those of Python first, which need nothing built."""
    found = defaultdict[Change, list[Break]](list)
    for each in sorted(breaks, key=lambda each: each.change.file.endswith(".rs")):
        found[each.change].append(each)
    return found
