from __future__ import annotations

import os
from pathlib import Path

import pytest

from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import TimeRange
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import RAW, raw_files, recordings, remove_old

SECOND = 10**9
MINUTE = 60 * SECOND
NOON = 1_767_268_800 * SECOND


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def add(lake: Lake, listener: str, begin: int, size: int = 100, end: int | None = None) -> Path:
    """A file that began at a moment and was written last at ``end``."""
    folder = lake.path / RAW / listener
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{text_from_instant(begin).replace(':', '')}.pcapng.zst"
    path.write_bytes(bytes(size))
    written = begin + 5 * MINUTE if end is None else end
    os.utime(path, ns=(written, written))
    return path


def test_files_end_where_the_next_begins(lake: Lake) -> None:
    first = add(lake, "udp-::1-2055", NOON)
    second = add(lake, "udp-::1-2055", NOON + MINUTE, 7, NOON + 90 * SECOND)
    (first.parent / "notes.txt").write_text("somebody's")
    found = raw_files(lake)
    assert [(file.path, file.begin, file.end, file.bytes, file.is_last) for file in found] == [
        (first, NOON, NOON + MINUTE, 100, False),
        (second, NOON + MINUTE, NOON + 90 * SECOND, 7, True),
    ]


def test_recordings_are_those_that_a_time_may_touch(lake: Lake) -> None:
    paths = [add(lake, "udp-a", NOON + minute * MINUTE) for minute in range(3)]
    other = add(lake, "udp-b", NOON)
    assert recordings(lake, TimeRange()) == {"udp-a": paths, "udp-b": [other]}
    middle = TimeRange(NOON + 75 * SECOND, NOON + 105 * SECOND)
    assert recordings(lake, middle) == {"udp-a": [paths[1]], "udp-b": [other]}
    assert recordings(lake, TimeRange(until=NOON - MINUTE)) == {}


def test_a_receiver_that_was_behind_may_have_put_datagrams_into_the_file_beside(lake: Lake) -> None:
    paths = [add(lake, "udp-a", NOON + minute * MINUTE) for minute in range(3)]
    assert recordings(lake, TimeRange(NOON + 61 * SECOND, NOON + 119 * SECOND)) == {"udp-a": paths}


def test_what_is_too_old_goes(lake: Lake) -> None:
    paths = [add(lake, "udp-a", NOON + minute * MINUTE) for minute in range(3)]
    now = NOON + 2 * MINUTE + SECOND
    assert [file.path for file in remove_old(lake, MINUTE, 10**9, now)] == [paths[0]]
    assert [path.exists() for path in paths] == [False, True, True]
    # The last one ended long ago, and nobody writes to it.
    assert len(remove_old(lake, MINUTE, 10**9, NOON + 60 * MINUTE)) == 2


def test_the_oldest_go_until_the_rest_fits_but_never_what_is_written(lake: Lake) -> None:
    old = add(lake, "udp-a", NOON)
    following = add(lake, "udp-a", NOON + MINUTE)
    other = add(lake, "udp-b", NOON + 30 * SECOND)
    now = NOON + 6 * MINUTE
    assert [file.path for file in remove_old(lake, 60 * MINUTE, 250, now)] == [old]
    assert remove_old(lake, 60 * MINUTE, 0, now) == []
    assert following.exists()
    assert other.exists()
