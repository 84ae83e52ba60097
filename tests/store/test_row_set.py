from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake
from tidegauge.store.lock import FileLock
from tidegauge.store.recovery import remove_orphans
from tidegauge.store.row_set import SMALL_FILES, RowSet

NOTES = RowSet("notes", "notes", {"name": "VARCHAR"}, "name")


def note(name: str) -> dict[str, str]:
    return {"name": name}


def files(lake: Lake) -> list[Path]:
    return sorted((lake.path / "notes").glob("*.parquet"))


def said(lake: Lake) -> list[str]:
    with lake.generation() as generation, Engine(generation) as engine, NOTES.seen(engine, lake):
        return [name for (name,) in engine.rows("SELECT name FROM notes ORDER BY name")]


def test_nothing_said_makes_no_file(lake: Lake) -> None:
    assert NOTES.append(lake, [], now=5) == 0
    assert not (lake.path / "notes").exists()
    assert said(lake) == []


def test_nothing_half_written_stays_when_a_source_fails(lake: Lake) -> None:
    def failing() -> Iterator[dict[str, str]]:
        yield note("a")
        raise OSError("the file is gone")

    with pytest.raises(OSError, match="gone"):
        NOTES.append(lake, failing(), now=5)
    assert files(lake) == []


def test_small_files_are_joined_and_repetitions_left_out(lake: Lake) -> None:
    for number in range(3):
        NOTES.append(lake, [note("same"), note(f"other-{number}")], now=number)
    NOTES.compact(lake, now=9)
    assert len(files(lake)) == 1
    assert said(lake) == ["other-0", "other-1", "other-2", "same"]


def test_joining_happens_by_itself(lake: Lake) -> None:
    for number in range(SMALL_FILES + 1):
        NOTES.append(lake, [note(f"{number:02d}")], now=number)
    assert len(files(lake)) == 1
    assert said(lake) == [f"{number:02d}" for number in range(SMALL_FILES + 1)]


def test_what_was_joined_is_not_written_again_with_every_few_files(lake: Lake) -> None:
    NOTES.append(lake, [note(sha256(b"%d" % number).hexdigest()) for number in range(3000)], now=0)
    [kept] = files(lake)
    for number in range(1, SMALL_FILES + 2):
        NOTES.append(lake, [note(f"{number:02d}")], now=number)
    assert len(files(lake)) == 2
    assert kept in files(lake)


def test_a_crash_between_joining_and_deleting_changes_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        NOTES.append(lake, [note(f"{number}")], now=number)
    monkeypatch.setattr(FileLock, "exclusive", _killed)
    with pytest.raises(KeyboardInterrupt):
        NOTES.compact(lake, now=9)
    monkeypatch.undo()
    assert len(files(lake)) == 3
    NOTES.compact(lake, now=10)
    assert said(lake) == ["0", "1"]


def _killed(_: Path) -> FileLock:
    raise KeyboardInterrupt


def test_no_file_vanishes_under_a_reader(lake: Lake) -> None:
    for number in range(2):
        NOTES.append(lake, [note(f"{number}")], now=number)
    with lake.generation() as generation, Engine(generation) as engine, NOTES.seen(engine, lake):
        assert FileLock.exclusive_at_once(lake.path / "notes/lock") is None
        assert len(engine.rows("FROM notes")) == 2
    assert FileLock.exclusive_at_once(lake.path / "notes/lock") is not None


def test_only_one_process_joins(lake: Lake) -> None:
    for number in range(2):
        NOTES.append(lake, [note(f"{number}")], now=number)
    (lake.path / "notes/joining").touch()
    with FileLock.exclusive(lake.path / "notes/joining"):
        NOTES.compact(lake, now=9)
    assert len(files(lake)) == 2


def test_what_a_killed_writer_left_half_made_goes_when_nobody_writes(lake: Lake) -> None:
    NOTES.append(lake, [note("a")], now=1)
    half = lake.path / "notes/.00000000000000000002-0123abcd.parquet.partial"

    def while_writing() -> Iterator[dict[str, str]]:
        yield note("b")
        half.touch()
        remove_orphans(lake)

    NOTES.append(lake, while_writing(), now=2)
    assert half.exists()
    remove_orphans(lake)
    assert not half.exists()
    assert said(lake) == ["a", "b"]
