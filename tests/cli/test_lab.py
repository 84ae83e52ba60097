from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tidegauge.cli.main import run
from tidegauge.lab.wired.namespaces import NAMESPACES, PREFIX


def namespaces() -> list[str]:
    return [path.name for path in NAMESPACES.glob(f"{PREFIX}*")]


def opened(*options: str) -> subprocess.Popen[str]:
    """An office as a process of its own, once it is open."""
    command = [sys.executable, "-m", "tidegauge", "lab", "office", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = process.stderr.readline()
    assert said.startswith("open: john, sarah, alex, mia behind tidegauge-office-edge1"), said
    return process


def test_only_root_can_open_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("tidegauge.cli.lab.missing", list)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert run(["lab", "office"]) == 4
    assert "run this with sudo" in capsys.readouterr().err


def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tidegauge.cli.lab.missing", lambda: ["nft"])
    assert run(["lab", "office"]) == 4
    assert "the office needs nft; on Debian: apt install" in capsys.readouterr().err


@pytest.mark.peers
def test_nothing_is_left_after_a_crash_and_an_interrupt(tmp_path: Path) -> None:
    crashed = opened("--seconds", "60")
    assert crashed.stderr is not None
    crashed.kill()
    crashed.wait(5)
    crashed.stderr.close()  # what it had begun still runs, and writes there
    assert namespaces()
    interrupted = opened("--seconds", "60")
    interrupted.send_signal(signal.SIGINT)
    _, said = interrupted.communicate(timeout=30)
    assert (interrupted.returncode, said, namespaces()) == (0, "", [])
    done = opened("--seconds", "1", "--rounds", "1", "--truth", str(tmp_path / "truth.json"))
    _, said = done.communicate(timeout=60)
    assert done.returncode == 0
    assert "alex: 1 acts, " in said
    assert '"john"' in (tmp_path / "truth.json").read_text()
