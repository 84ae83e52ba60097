from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Terminal

pytestmark = pytest.mark.usefixtures("sample")


def test_a_file_by_the_end_of_its_name(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "tcp.ndjson"
    ran = terminal("lake", "export", "--to", str(path), "proto", "tcp")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith(f"{path}: 1 files, ")
    assert "incomplete: " in ran.err
    [row] = map(json.loads, path.read_text().splitlines())
    assert (row["src_addr"], row["start"]) == ("10.0.0.1", "2026-01-01T12:00:00.000000000Z")


def test_a_folder_for_each_hour(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal("lake", "export", "--to", str(tmp_path / "all"), "--by", "hour", "--as-stored")
    assert ran.code == 0
    [file] = (tmp_path / "all").rglob("*.parquet")
    assert file.parent == tmp_path / "all/day=2026-01-01/hour=12"


def test_nothing_is_overwritten(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "there.csv"
    path.touch()
    ran = terminal("lake", "export", "--to", str(path))
    assert (ran.code, "is there already" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "/nowhere/at/all.csv"], "there is no folder /nowhere/at"),
        (["--to", "x.arrow", "--by", "day"], "leave out --by for one Arrow stream"),
        (["--to", "x.csv", "--table", "ledger", "port", "53"], "a filter and --as-stored are for flows"),
    ],
)
def test_what_does_not_go_together(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = terminal("lake", "export", *words)
    assert (ran.code, said in ran.err) == (2, True)
