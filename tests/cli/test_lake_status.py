from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Terminal


@pytest.mark.usefixtures("sample")
def test_a_row_for_each_part(terminal: Terminal) -> None:
    rows = terminal("lake", "status").rows
    assert [(row["part"], row["table"]) for row in rows] == [
        ("segments", "flows"),
        ("segments", "ledger"),
        ("lake", None),
    ]


@pytest.mark.usefixtures("sample")
def test_totals_are_numbers(terminal: Terminal) -> None:
    told = json.loads(terminal("lake", "status", "--envelope").out)
    assert told["totals"]["generation"] == 2


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("format_name", ["table", "json", "csv"])
def test_every_format(terminal: Terminal, format_name: str) -> None:
    ran = terminal("lake", "status", "--format", format_name)
    assert ran.code == 0
    assert "everything is kept" in ran.out


def test_no_lake(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal("lake", "status", "--lake", str(tmp_path / "none"))
    assert (ran.code, "there is no lake" in ran.err) == (4, True)
