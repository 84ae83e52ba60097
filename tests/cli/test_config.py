from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tidegauge.cli.main import UNREACHABLE


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tidegauge.toml"
    path.write_text('lake = "lake"\n[serve]\nhttp = "127.0.0.1:0"\n')
    monkeypatch.setenv("TIDEGAUGE_CONFIG", str(path))
    return path


def test_a_good_file_is_said_to_be_good(terminal: Terminal, file: Path) -> None:
    assert terminal("config", "check") == (0, "", f"{file} can be run\n")


def test_a_mistake_ends_4_with_its_place(terminal: Terminal, file: Path) -> None:
    file.write_text("[serve]\nport = 80\n")
    ran = terminal("config", "check", "--config", str(file))
    assert ran.code == UNREACHABLE
    assert f"{file}: Object contains unknown field `port` - at `$.serve`" in ran.err


def test_what_everything_means_is_shown(terminal: Terminal, file: Path) -> None:
    ran = terminal("config", "dump")
    assert ran.code == 0
    shown = json.loads(ran.out)
    assert shown["lake"] == str(file.parent / "lake")
    assert shown["serve"] == {"http": "127.0.0.1:0", "token_file": None}
