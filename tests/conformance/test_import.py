"""`tidegauge import` brings every shared capture into a lake, record for record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.command import answer, tidegauge
from tests.conformance.oracle import CASES

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A lake holding every single capture, each its own session."""
    path = str(tmp_path_factory.mktemp("conformance") / "lake")
    captures = [case.paths[0] for case in CASES if case.scope == "file" and case.messages]
    tidegauge("import", "--lake", path, *captures)
    return path


def expected(counter: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for case in CASES:
        if case.scope == "file":
            for (protocol, name), number in case.records.items():
                found[protocol] += number if name == counter else 0
    return +found


def test_flows_in_the_lake_equal_the_oracle(lake: str) -> None:
    rows = answer("top", "protocol_version", "--lake", lake)
    assert {row["protocol_version"]: row["flows"] for row in rows} == expected("records")


@pytest.mark.parametrize("counter", ["records", "option_records", "stored"])
def test_ledger_equals_the_oracle(lake: str, counter: str) -> None:
    found: Counter[str] = Counter()
    for row in answer("ledger", "--lake", lake):
        if row["protocol_version"]:
            found[row["protocol_version"]] += row[counter]
    assert +found == expected("records" if counter == "stored" else counter)


def test_one_session_joins_templates_and_data(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.scope == "case" and len(case.paths) > 1 and case.records)
    lake = str(tmp_path / "lake")
    tidegauge("import", "--one-session", "--lake", lake, *case.paths)
    rows = answer("top", "exporter", "--lake", lake)
    flows = sum(number for (_, counter), number in case.records.items() if counter == "records")
    assert sum(row["flows"] for row in rows) == flows
