"""Breaks stay true as the code changes: each finds its place, and names a test that bears the mark."""

from __future__ import annotations

from pathlib import Path

from conformance import proofs, requirements

from tests.soak.breaks import CHAPTERS, breaks_of

BREAKS = [each for chapter in CHAPTERS for each in breaks_of(chapter)]


def test_every_requirement_has_a_break() -> None:
    assert {row.id for row in requirements()} == {name for each in BREAKS for name in each.requirements}


def test_what_is_broken_stands_once_in_its_file_and_changes(root: Path) -> None:
    texts = {each.change.file: (root / each.change.file).read_text() for each in BREAKS}
    astray = [
        each.requirements
        for each in BREAKS
        if texts[each.change.file].count(each.change.find) != 1 or each.change.find == each.change.put
    ]
    assert not astray, "the code has changed: say the mistake anew in tests/conformance/breaks"


def test_tests_that_must_fail_bear_the_mark_of_their_requirement(root: Path) -> None:
    proved = proofs()
    unmarked = [
        (name, each.test)
        for each in BREAKS
        for name in each.requirements
        if each.test not in {f"{proof.path.relative_to(root)}::{proof.test}" for proof in proved[name]}
    ]
    assert not unmarked
