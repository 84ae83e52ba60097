"""Every requirement of the protocols, broken on purpose: the test that is said to prove it must fail.

With $TIDEGAUGE_BREAKS=missed only those are made that were not noticed the last time.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

from tests.soak.breaks import CHAPTERS, Break, breaks_of, by_change
from tests.soak.broken_tree import MISSED, NOTICED, UNBUILT, BrokenTree
from tests.soak.record import RESULTS, record

ONLY_MISSED = os.environ.get("TIDEGAUGE_BREAKS") == "missed"

pytestmark = [pytest.mark.soak, pytest.mark.timeout(4 * 3600)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> BrokenTree:
    return BrokenTree(tmp_path_factory.mktemp("broken"))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_break_of_each_requirement_is_noticed(tree: BrokenTree, chapter: str) -> None:
    results = noticed_before(chapter) if ONLY_MISSED else []
    breaks = [each for each in breaks_of(chapter) if not is_in(each, results)]
    for is_for_rust in {each.is_for_rust for each in breaks}:
        assert tree.build(for_rust=is_for_rust)
        tests = {each.test for each in breaks if each.is_for_rust == is_for_rust}
        assert tree.test(*tests) == (MISSED, ""), "what fails unbroken proves nothing"
    for same in by_change(breaks).values():
        results += outcomes(tree, same)
        record(f"breaks-{chapter}", {"not_run": len(breaks_of(chapter)) - len(results), "breaks": results})
    assert [result for result in results if result["outcome"] != NOTICED] == []


def noticed_before(chapter: str) -> list[dict[str, Any]]:
    """What was noticed the last time."""
    last = json.loads((RESULTS / f"breaks-{chapter}.json").read_text())["breaks"]
    return [result for result in last if result["outcome"] == NOTICED]


def is_in(each: Break, results: list[dict[str, Any]]) -> bool:
    """Whether there is a result of the break."""
    break_of_it = (list(each.requirements), each.change.file, each.test)
    return break_of_it in [(result["requirements"], result["file"], result["test"]) for result in results]


def outcomes(tree: BrokenTree, breaks: list[Break]) -> list[dict[str, Any]]:
    """What comes of breaks that are the same change."""
    results = []
    change = breaks[0].change
    with tree.broken(change):
        for each in breaks:
            began = time.monotonic()
            is_built = not change.file.endswith(".rs") or tree.build(for_rust=each.is_for_rust)
            outcome, failure = tree.test(each.test) if is_built else (UNBUILT, "")
            results.append(
                {
                    "requirements": each.requirements,
                    "file": change.file,
                    "test": each.test,
                    "outcome": outcome,
                    "failure": failure,
                    "seconds": round(time.monotonic() - began, 1),
                }
            )
    return results
