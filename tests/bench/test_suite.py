"""The benches as they are run together: every program is known, and what it prints is kept."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
import suite
from suite import BENCH, RUNS, tables

PARTS = {
    "aged", "bulk", "collectors", "datagrams", "hostility", "machine", "pcap", "process", "report", "send",
    "shape", "suite", "traffic_model", "twin_flows",
}  # fmt: skip
"""What the programs are made of."""
OF_TESTS = {"assail", "hostile"}
"""Run by tests/chaos."""


def test_every_program_is_part_of_the_suite() -> None:
    programs = {shlex.split(command)[0].removesuffix(".py") for each in RUNS.values() for command in each}
    assert programs == {path.stem for path in BENCH.glob("*.py")} - PARTS - OF_TESTS


@pytest.mark.parametrize("program", sorted({shlex.split(whole)[0] for whole, _ in RUNS.values()}))
def test_a_program_knows_the_options_it_is_run_with(program: str) -> None:
    source = (BENCH / program).read_text()
    commands = [command for each in RUNS.values() for command in each if command.startswith(f"{program} ")]
    options = {word for command in commands for word in shlex.split(command) if word.startswith("--")}
    assert not {option for option in options if f'"{option}"' not in source}


def test_tables_are_read_from_the_lines_for_machines() -> None:
    row = {"what": "a", "seconds": 1.5}
    said = f"a title\nwhat seconds\n{json.dumps({'benchmark': 'a title', 'rows': [row]})}\n"
    assert tables(said * 2) == [{"title": "a title", "rows": [row]}] * 2


def test_a_program_that_tells_nothing_keeps_no_others_from_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "clocks.py --runs 1 --seconds 10"
    monkeypatch.setattr(suite, "RUNS", {"silent": ("report.py", ""), "clocks": (told, "")})
    monkeypatch.setattr(sys, "argv", ["suite.py", "--results", str(tmp_path)])
    with pytest.raises(SystemExit, match="failed, or broke a promise: silent;"):
        suite.main()
    [path] = tmp_path.iterdir()
    result = json.loads(path.read_text())
    assert path.name == "clocks.json"
    assert result["command"] == f"bench/{told}"
    assert result["exit"] == 0
    assert result["machine"]["processors"] >= 1
    assert 0 <= result["used_by_others"] <= 1
    assert result["versions"]["python"].startswith("3.")
    assert result["tables"][0]["rows"]
