from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.names.told import packed
from tidegauge.flow.binding import Binding, Kind
from tidegauge.store.bindings import BINDING_COLUMNS, SMALL_FILES, append, bindings_seen, compact
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake
from tidegauge.store.lock import FileLock


def site(name: str, since: int = 10) -> Binding:
    return Binding(
        kind=Kind.SITE, address=packed("192.0.2.1"), client=packed("fd10::1"), name=name, since=since,
        until=None, source="dns", confidence=70,
    )  # fmt: skip


def files(lake: Lake) -> list[Path]:
    return sorted((lake.path / "names").glob("*.parquet"))


def names(lake: Lake) -> list[str]:
    with lake.generation() as generation, Engine(generation) as engine, bindings_seen(engine, lake):
        return [name for (name,) in engine.rows("SELECT name FROM bindings ORDER BY name")]


def test_a_binding_comes_back_as_it_was_said(lake: Lake) -> None:
    assert append(lake, [site("www.youtube.com")], now=5) == 1
    with lake.generation() as generation, Engine(generation) as engine, bindings_seen(engine, lake):
        [row] = engine.rows(
            "SELECT CAST(address AS BLOB), CAST(client AS BLOB), * EXCLUDE (address, client) FROM bindings"
        )
        described = engine.rows("DESCRIBE bindings")
    assert row == (
        packed("192.0.2.1"), packed("fd10::1"), "site", "www.youtube.com", 10, None, "dns", 70, False,
    )  # fmt: skip
    assert {name: type_ for name, type_, *_ in described} == BINDING_COLUMNS


def test_nothing_said_makes_no_file(lake: Lake) -> None:
    assert append(lake, [], now=5) == 0
    assert not (lake.path / "names").exists()
    assert names(lake) == []


def test_nothing_half_written_stays_when_a_source_fails(lake: Lake) -> None:
    def failing() -> Iterator[Binding]:
        yield site("a")
        raise OSError("the file is gone")

    with pytest.raises(OSError, match="gone"):
        append(lake, failing(), now=5)
    assert files(lake) == []


def test_small_files_are_joined_and_repetitions_left_out(lake: Lake) -> None:
    for number in range(3):
        append(lake, [site("same"), site(f"other-{number}")], now=number)
    compact(lake, now=9)
    assert len(files(lake)) == 1
    assert names(lake) == ["other-0", "other-1", "other-2", "same"]


def test_joining_happens_by_itself(lake: Lake) -> None:
    for number in range(SMALL_FILES + 1):
        append(lake, [site(f"{number:02d}")], now=number)
    assert len(files(lake)) == 1
    assert names(lake) == [f"{number:02d}" for number in range(SMALL_FILES + 1)]


def test_a_crash_between_joining_and_deleting_changes_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        append(lake, [site(f"{number}")], now=number)
    monkeypatch.setattr(FileLock, "exclusive", _killed)
    with pytest.raises(KeyboardInterrupt):
        compact(lake, now=9)
    monkeypatch.undo()
    assert len(files(lake)) == 3
    compact(lake, now=10)
    assert names(lake) == ["0", "1"]


def _killed(_: Path) -> FileLock:
    raise KeyboardInterrupt


def test_no_file_vanishes_under_a_reader(lake: Lake) -> None:
    for number in range(2):
        append(lake, [site(f"{number}")], now=number)
    with lake.generation() as generation, Engine(generation) as engine, bindings_seen(engine, lake):
        assert FileLock.exclusive_at_once(lake.path / "names/lock") is None
        assert len(engine.rows("FROM bindings")) == 2
    assert FileLock.exclusive_at_once(lake.path / "names/lock") is not None


def test_only_one_process_joins(lake: Lake) -> None:
    for number in range(2):
        append(lake, [site(f"{number}")], now=number)
    (lake.path / "names/joining").touch()
    with FileLock.exclusive(lake.path / "names/joining"):
        compact(lake, now=9)
    assert len(files(lake)) == 2
