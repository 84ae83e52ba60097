from __future__ import annotations

import pytest

from tests.numbered_flows import NOON, SECOND, batches, ledger_sum, levels, numbers_in
from tidegauge.store import load as load_module
from tidegauge.store.errors import NoSpaceError
from tidegauge.store.lake import Lake
from tidegauge.store.load import Load
from tidegauge.store.lock import FileLock
from tidegauge.store.segment import HOUR


def test_nothing_shows_before_the_commit(lake: Lake) -> None:
    with Load(lake, "import-1") as load:
        load.append(batches([1]))
        assert numbers_in(lake) == []
        load.append(batches([2], NOON + SECOND))
        load.commit(NOON)
    assert numbers_in(lake) == [1, 2]
    assert ledger_sum(lake, "stored") == 2
    assert levels(lake, "ledger") == ["minute"]


def test_everything_shows_in_one_generation(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "SEGMENT_ROWS", 10)
    with Load(lake, "import-1") as load:
        for number in range(5):
            load.append(batches(range(number * 10, number * 10 + 10), NOON + number * SECOND))
        before = lake.manifest().generation
        load.commit(NOON - HOUR)
    assert lake.manifest().generation == before + 1
    assert levels(lake) == ["minute"] * 5
    assert numbers_in(lake) == list(range(50))


def test_leaving_without_commit_leaves_nothing(lake: Lake) -> None:
    with Load(lake, "import-1") as load:
        load.append(batches([1]))
    assert numbers_in(lake) == []
    assert list((lake.path / "staging").iterdir()) == []


def test_rows_of_many_days_are_filed_as_such(lake: Lake) -> None:
    with Load(lake, "import-1") as load:
        load.append(batches([1], NOON))
        load.append(batches([2], NOON + 72 * HOUR))
        load.commit(NOON)
    assert levels(lake) == ["day"]
    assert lake.manifest().segments[0].path.startswith("segments/2026/01/01/12-day-import-1-")


def test_a_full_disk_stops_the_load(lake: Lake) -> None:
    lake.space.reserve_bytes = 10**18
    with Load(lake, "import-1") as load:
        load.append(batches([1]))
        with pytest.raises(NoSpaceError):
            load.commit(NOON)
    assert list((lake.path / "staging").iterdir()) == []


def test_many_small_loads_do_not_pile_up(lake: Lake) -> None:
    for number in range(8):
        with Load(lake, f"import-{number}") as load:
            load.append(batches([number], NOON + number * SECOND))
            load.commit(NOON + 48 * HOUR)
    assert len(levels(lake)) <= 2
    assert numbers_in(lake) == list(range(8))


def test_a_living_load_is_locked(lake: Lake) -> None:
    with Load(lake, "import-1"):
        assert FileLock.exclusive_at_once(lake.path / "staging/import-1/lock") is None


def test_a_failed_merge_does_not_fail_a_load_that_is_in(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(load_module, "merge_levels", fail)
    with Load(lake, "import-1") as load:
        load.append(batches([1]))
        load.commit(NOON)
    assert numbers_in(lake) == [1]
