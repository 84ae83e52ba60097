"""The notebook runs from top to bottom on the tutorial's lake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.surroundings import ROOT
from tidegauge.cli.main import run

NOTEBOOK = json.loads((ROOT / "docs/notebook.ipynb").read_text())
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


@pytest.fixture
def tutorial_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(tmp_path / "lake"))
    assert run(["import", str(ROOT / "tests/data/softflowd/netflow9.pcap")]) == 0
    return tmp_path / "lake"


def test_every_cell_runs_and_its_last_line_shows_something(tutorial_lake: Path) -> None:
    names: dict[str, object] = {}
    for number, cell in enumerate(CELLS):
        *before, last = cell.splitlines()
        exec(compile("\n".join(before), f"cell {number}", "exec"), names)
        shown = eval(compile(last, f"cell {number}", "eval"), names)
        assert shown is not None, cell
    assert names["lake"].path == tutorial_lake  # type: ignore[attr-defined]
    assert names["talkers"][0]["src_addr"] == "198.51.100.7"  # type: ignore[index]


def test_no_output_of_somebodys_machine_is_kept() -> None:
    assert all(not cell.get("outputs") for cell in NOTEBOOK["cells"])
