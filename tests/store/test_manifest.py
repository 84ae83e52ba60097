from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.store.lock import FileLock
from tidegauge.store.manifest import (
    Manifest,
    Retired,
    generation_path,
    generations,
    read_newest,
    read_written,
    write_manifest,
)
from tidegauge.store.segment import Segment

FULL = Manifest(
    generation=12,
    written=99,
    segments=(Segment(table="flows", path="a", rows=1, bytes=2, level="hour", received_min=-5),),
    absorbed={"writer": 4},
    retired=(Retired(generation=11, segments=("b",), tails={"writer": 3}),),
)


def test_a_manifest_comes_back_as_written(tmp_path: Path) -> None:
    write_manifest(tmp_path, FULL)
    assert read_newest(tmp_path)[0] == FULL
    assert read_written(generation_path(tmp_path, 12)) == 99


def test_the_highest_number_wins(tmp_path: Path) -> None:
    for number in (9, 10, 2):
        write_manifest(tmp_path, Manifest(generation=number))
    (tmp_path / ".000000000011.json.partial").touch()
    assert generations(tmp_path) == [2, 9, 10]
    assert read_newest(tmp_path)[0].generation == 10


def test_reading_holds_the_file(tmp_path: Path) -> None:
    write_manifest(tmp_path, Manifest(generation=1))
    _, lease = read_newest(tmp_path)
    assert FileLock.exclusive_at_once(generation_path(tmp_path, 1)) is None
    lease.release()
    assert FileLock.exclusive_at_once(generation_path(tmp_path, 1)) is not None


def test_no_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_newest(tmp_path)
