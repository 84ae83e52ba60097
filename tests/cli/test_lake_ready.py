from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.sample_lake import NOON, make_lake
from tidegauge.web import readiness
from tidegauge.web.answers_file import AnswersFile


def test_a_lake_is_made_ready_for_pages(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(lake.path))
    ran = terminal("lake", "ready", "--time-zone", "Europe/Berlin")
    written = AnswersFile(lake.path).read()
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"{len(written)} answers lie ready, with those about 0 people\n"
    assert "Europe/Berlin" in {answer.query.time_zone for answer in written}


def test_who_gives_no_time_is_told_so(terminal: Terminal, tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    ran = terminal("lake", "ready", "--lake", str(lake.path), "--most-cpu", "0")
    assert ran.code == 0
    assert "then time was over; --most-cpu gives more" in ran.err


@pytest.mark.parametrize("words", [("--time-zone", "Nowhere/City"), ("--lake", "missing")])
def test_a_zone_or_a_lake_that_is_none(
    words: tuple[str, ...], terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    ran = terminal("lake", "ready", "--lake", "lake", *words)
    assert ran.code
    assert words[1] in ran.err


def test_of_too_many_flows_nothing_is_made_ready(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}])
    monkeypatch.setattr(readiness, "prepare", lambda *_: 1_000_000_000)
    ran = terminal("lake", "ready", "--lake", str(lake.path), "--most-cpu", "99")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "no answers were made ready: each would look through 1,000,000,000 flows, for which 99 s of processor"
        " time do not suffice; --most-cpu gives more\n"
    )
