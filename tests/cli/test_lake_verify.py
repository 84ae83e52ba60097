from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec
import pytest

from tests.cli.running import Terminal
from tests.numbered_flows import batches
from tests.sample_lake import NOON, make_lake
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest
from tidegauge.store.writer import LakeWriter


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    lake = make_lake(tmp_path / "lake", [{"received": NOON, "bytes": 1}], [{"minute": NOON, "stored": 1}])
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(lake.path))
    return lake


@pytest.mark.usefixtures("lake")
def test_a_sound_lake(terminal: Terminal) -> None:
    ran = terminal("lake", "verify")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("sound: 2 files")
    assert terminal("lake", "verify", "--quick").code == 0


def damage(lake: Lake) -> Path:
    path = lake.path / "segments/0.flows.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-4] + b"none")
    return path


@pytest.mark.parametrize("words", [(), ("--quick",)])
def test_damage_is_told_by_file_and_fails(terminal: Terminal, lake: Lake, words: tuple[str, ...]) -> None:
    damage(lake)
    ran = terminal("lake", "verify", *words)
    assert ran.code == 4
    [row] = ran.rows
    assert (row["path"], row["table"], row["rows"]) == ("segments/0.flows.parquet", "flows", 1)
    assert row["problem"].startswith("cannot be read")
    assert "--set-aside" in row["remedy"]


def test_a_damaged_file_can_be_set_aside_and_taken_back(terminal: Terminal, lake: Lake) -> None:
    path = lake.path / "segments/0.flows.parquet"
    content = path.read_bytes()
    damage(lake)
    ran = terminal("lake", "verify", "--set-aside")
    assert "set aside 1 files with 1 rows" in ran.err
    asked = terminal("flows")
    assert (asked.code, asked.rows) == (0, [])
    assert "0.flows.parquet cannot be read" in asked.err
    assert "1 records in damaged files" in asked.err
    path.write_bytes(content)
    assert "1 files are sound again" in terminal("lake", "verify", "--take-back").err
    assert len(terminal("flows").rows) == 1


def test_the_account_has_to_add_up(terminal: Terminal, lake: Lake) -> None:
    lake.commit(lambda newest: type(newest)(segments=newest.segments[1:]), NOON)
    ran = terminal("lake", "verify")
    assert ran.code == 4
    assert {row["problem"] for row in ran.rows} >= {
        "the ledger counts 1 flows as stored, and there are 0",
    }


def test_a_bit_that_turned_in_the_middle_is_found_by_its_file(terminal: Terminal, tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "other")
    writer = LakeWriter(lake, "w")
    writer.append(batches(range(30)))
    writer.close(NOON)
    terminal_of = partial(terminal, "lake", "verify", "--lake", str(lake.path))
    assert terminal_of().code == 0
    [path] = (lake.path / "segments").rglob("*.flows.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    ran = terminal_of()
    [row] = ran.rows
    assert (ran.code, row["path"]) == (4, str(path.relative_to(lake.path)))
    assert row["problem"].startswith("has the checksum ")


@pytest.mark.usefixtures("lake")
def test_files_without_a_checksum_are_told(terminal: Terminal, lake: Lake) -> None:
    def age(newest: Manifest) -> Manifest:
        return msgspec.structs.replace(
            newest, segments=tuple(msgspec.structs.replace(each, level="day") for each in newest.segments)
        )

    lake.commit(age, NOON)
    assert "2 files of an older release have no checksum" in terminal("lake", "verify").err
