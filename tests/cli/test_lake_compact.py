from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.numbered_flows import NOON, batches, levels, numbers_in
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.space import SpaceGuard
from tidegauge.store.writer import LakeWriter

MINUTE = 60 * 10**9


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Three minutes of long ago, a file for each."""
    lake = Lake.create(tmp_path / "lake")
    for number in range(3):
        writer = LakeWriter(lake, f"w{number}")
        writer.append(batches([number], NOON + number * MINUTE))
        writer.close(NOON)
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(lake.path))
    return lake


def test_files_are_joined_and_the_work_is_told(terminal: Terminal, lake: Lake) -> None:
    ran = terminal("lake", "compact")
    assert ran.code == 0
    merged, rolled = [row for row in ran.rows if row["table"] == "flows"]
    assert (merged["what"], merged["level"], merged["files"], merged["rows"]) == ("merged", "day", 3, 3)
    assert (rolled["what"], rolled["rows"]) == ("rolled", 3)
    assert "3 flows files became one of a day" in ran.err
    assert "joined 6 files into 2: " in ran.err
    assert "s of CPU" in ran.err
    assert (levels(lake), numbers_in(lake)) == (["day"], [0, 1, 2])
    assert "nothing is left to join" in terminal("lake", "compact").err


def test_what_is_to_be_kept_is_remembered(terminal: Terminal, lake: Lake) -> None:
    ran = terminal("lake", "compact", "--keep", "1d")
    assert "3 files were removed" in ran.err
    assert numbers_in(lake) == []
    assert lake.manifest().retention == Retention(flows=86_400 * 10**9)


def test_what_cannot_be_joined_is_told_and_fails(terminal: Terminal, lake: Lake) -> None:
    path = lake.path / lake.manifest().segments[0].path
    content = path.read_bytes()
    path.write_bytes(content[:-6] + b"\xff\xff" + content[-4:])
    ran = terminal("lake", "compact")
    assert ran.code == 4
    assert "left as they are" in ran.err
    assert path.name in ran.err
    assert "tidegauge lake verify" in ran.err


def test_where_the_disk_is_nearly_full_nothing_is_joined(
    terminal: Terminal, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SpaceGuard, "free_bytes", lambda _: 5)
    ran = terminal("lake", "compact")
    assert (ran.code, "has 5 bytes free" in ran.err) == (4, True)
    assert (levels(lake), numbers_in(lake)) == (["minute"] * 3, [0, 1, 2])
