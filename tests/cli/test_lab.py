from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tidegauge.cli.main import run
from tidegauge.lab.wired.folder import FOLDER
from tidegauge.lab.wired.namespaces import NAMESPACES, PREFIX


def namespaces() -> list[str]:
    return [path.name for path in NAMESPACES.glob(f"{PREFIX}*")]


def opened(*options: str) -> subprocess.Popen[str]:
    """An office as a process of its own, once it is open."""
    command = [sys.executable, "-m", "tidegauge", "lab", "office", "--http", "127.0.0.1:0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for said in process.stderr:
        if said.startswith("open: "):
            assert "john, sarah, alex, mia, tom, emma behind tidegauge-office-edge1" in said
            return process
    raise AssertionError("it did not open")


def test_only_root_can_open_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("tidegauge.cli.lab.missing", lambda _: [])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert run(["lab", "office"]) == 4
    assert "run this with sudo" in capsys.readouterr().err


def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tidegauge.cli.lab.missing", lambda _: ["nft", "nmap"])
    assert run(["lab", "office"]) == 4
    assert "the office needs nft, nmap; on Debian: apt install nftables nmap" in capsys.readouterr().err


def test_what_is_to_be_kept_needs_a_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tidegauge.cli.lab.missing", lambda _: [])
    monkeypatch.setattr("os.geteuid", lambda: 0)
    (tmp_path / "something").touch()
    assert run(["lab", "office", "--lake", str(tmp_path)]) == 4
    assert "so name a new folder" in capsys.readouterr().err
    assert run(["lab", "office", "--truth", str(tmp_path / "absent/truth.json")]) == 4
    assert "absent is no folder, so truth.json cannot be written there" in capsys.readouterr().err


@pytest.mark.peers
@pytest.mark.usefixtures("office_turn")
def test_nothing_is_left_after_a_crash_and_an_interrupt(tmp_path: Path) -> None:
    crashed = opened("--seconds", "60")
    crashed.kill()
    crashed.communicate(timeout=10)
    assert namespaces()
    assert FOLDER.exists()
    interrupted = opened("--seconds", "60", "--truth", str(tmp_path / "truth.json"))
    interrupted.send_signal(signal.SIGINT)
    told, said = interrupted.communicate(timeout=30)
    assert (interrupted.returncode, told, said) == (130, "", "")
    assert namespaces() == []
    assert not FOLDER.exists()
    assert list(tmp_path.iterdir()) == []
