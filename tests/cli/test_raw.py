from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.kept_datagrams import keep
from tests.numbered_flows import datagrams, numbers_in
from tidegauge.cli.main import UNREACHABLE, USAGE
from tidegauge.store.lake import Lake


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    made = Lake.create(tmp_path / "lake")
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(made.path))
    return made


def test_what_is_kept_is_listed(lake: Lake, terminal: Terminal) -> None:
    assert terminal("raw", "list").rows == []
    folder = keep(lake, datagrams(range(60)))
    [row] = terminal("raw", "list").rows
    assert (row["listener"], row["files"]) == (folder, 1)
    [file] = Path(row["folder"]).iterdir()
    assert row["bytes"] == file.stat().st_size
    assert row["first"] <= row["last"]


def test_it_is_decoded_again(lake: Lake, terminal: Terminal, tmp_path: Path) -> None:
    folder = keep(lake, datagrams(range(60)))
    ran = terminal("raw", "decode", "--since", "1h", "--into", str(tmp_path / "again"))
    assert ran.code == 0
    assert f"{folder}: 60 flows and 0 option records from 2 datagrams" in ran.err
    assert numbers_in(Lake.open(tmp_path / "again")) == list(range(60))
    assert terminal("raw", "decode", "--into", str(tmp_path / "again")).code == UNREACHABLE
    assert terminal("raw", "decode", "--since", "noon", "--into", str(tmp_path / "x")).code == USAGE


def test_import_reads_a_file_of_it_as_any_capture(lake: Lake, terminal: Terminal, tmp_path: Path) -> None:
    folder = keep(lake, datagrams(range(60)))
    [file] = (lake.path / "raw" / folder).iterdir()
    other = tmp_path / "other"
    assert terminal("import", str(file), "--lake", str(other)).code == 0
    assert numbers_in(Lake.open(other)) == list(range(60))
