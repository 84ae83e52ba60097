from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from tests.numbered_flows import NOON, batches, numbers_in
from tidegauge.store import rollup
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Removed
from tidegauge.store.segment import HOUR, Segment
from tidegauge.store.verification import (
    SET_ASIDE,
    Finding,
    set_aside,
    set_rollups_aside,
    take_back,
    verify_folder,
    verify_ledger,
    verify_segments,
)
from tidegauge.store.writer import LakeWriter


@pytest.fixture
def flows(lake: Lake) -> list[Segment]:
    """Two segments of flows, the numbers 0 and 1."""
    for number in range(2):
        writer = LakeWriter(lake, f"w{number}")
        writer.append(batches([number], NOON + number))
        writer.close(NOON)
    return [segment for segment in lake.manifest().segments if segment.table == "flows"]


def problems(lake: Lake) -> list[Finding]:
    with lake.generation() as generation:
        return [found for _, found in verify_segments(lake, generation, quick=False) if found]


def counted(lake: Lake) -> list[str]:
    with lake.generation() as generation:
        return [found.problem for found in verify_ledger(generation, lake.manifest())]


@pytest.mark.usefixtures("flows")
def test_a_sound_lake(lake: Lake) -> None:
    writer = LakeWriter(lake, "living")
    writer.append(batches([2]))
    assert (problems(lake), list(verify_folder(lake)), counted(lake)) == ([], [], [])


def test_each_damaged_file_is_named_with_what_to_do(lake: Lake, flows: list[Segment]) -> None:
    (lake.path / flows[0].path).unlink()
    assert problems(lake) == [Finding(flows[0].path, "flows", 1, "is missing", SET_ASIDE)]


def test_files_of_nobody(lake: Lake, flows: list[Segment]) -> None:
    stray = lake.path / Path(flows[0].path).with_name("12-hour-merged-7.flows.parquet")
    shutil.copyfile(lake.path / flows[0].path, stray)
    [found] = verify_folder(lake)
    assert found.path == str(stray.relative_to(lake.path))
    assert "tidegauge lake compact" in found.remedy


def test_the_ledger_has_to_count_what_is_there(lake: Lake, flows: list[Segment]) -> None:
    def lose(removed: dict[str, Removed]) -> None:
        kept = tuple(segment for segment in lake.manifest().segments if segment.path != flows[0].path)
        lake.commit(lambda newest: msgspec.structs.replace(newest, segments=kept, removed=removed), NOON)

    lose({})
    assert counted(lake) == ["the ledger counts 2 flows as stored, and there are 1"]
    lose({"flows": Removed(rows=1, before=NOON)})
    assert counted(lake) == []


def test_questions_go_on_without_what_was_set_aside(lake: Lake, flows: list[Segment]) -> None:
    path = lake.path / flows[0].path
    content = path.read_bytes()
    path.write_bytes(content[:-6] + b"\xff\xff" + content[-4:])
    assert set_aside(lake, problems(lake), NOON) == 1
    assert numbers_in(lake) == [1]
    [found] = problems(lake)
    assert "--take-back" in found.remedy
    assert take_back(lake, NOON) == 0
    path.write_bytes(content)
    assert take_back(lake, NOON) == 1
    assert (numbers_in(lake), problems(lake)) == ([0, 1], [])


def test_nothing_to_set_aside_makes_no_generation(lake: Lake) -> None:
    before = lake.manifest().generation
    assert (set_aside(lake, [], NOON), take_back(lake, NOON)) == (0, 0)
    assert lake.manifest().generation == before


def test_damaged_rollups_are_moved_away(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "LEAST_ROWS", 1)
    writer = LakeWriter(lake, "w")
    writer.append(batches([0], NOON))
    writer.close(NOON)
    rollup.roll_up(lake, NOON + 48 * HOUR, 1 << 30)
    [path] = (lake.path / "segments").rglob("*.rollups.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    [found] = problems(lake)
    assert (found.table, "--set-aside" in found.remedy) == ("rollups", True)
    assert set_rollups_aside(lake, [found]) == 1
    assert rollup.roll_up(lake, NOON + 48 * HOUR, 1 << 30) == 1
    assert problems(lake) == []
