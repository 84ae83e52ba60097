from __future__ import annotations

from pathlib import Path

from tests.sample_lake import make_lake
from tidegauge.clock.stretch import Stretch
from tidegauge.flow.clock_stretch import ClockStretch
from tidegauge.store.clock_stretches import HOURS_OF_A_DAY, StretchFiles

HOUR = 20_789 * HOURS_OF_A_DAY  # the first of 2026-12-02
FOUND = (ClockStretch(b"\x00\xff" * 8, 1, "ipfix", Stretch(0, 9, 3, 3, 2, None, 1, 1, 0, None, None)),)


def test_what_was_saved_is_found_by_the_state_it_was_made_of(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    files = StretchFiles(lake)
    files.put(HOUR, "a", FOUND)
    files.put(HOUR + 1, "b", ())
    assert files.get(HOUR, "a") == FOUND
    assert StretchFiles(lake).get(HOUR, "a") is None, "nobody saved it"
    files.save()
    again = StretchFiles(lake)
    assert again.get(HOUR, "a") == FOUND
    assert again.get(HOUR + 1, "b") == ()
    assert again.get(HOUR, "b") is None
    assert again.get(HOUR + 2, "a") is None


def test_days_have_a_file_each(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    files = StretchFiles(lake)
    files.put(HOUR - 1, "a", ())
    files.put(HOUR, "a", ())
    files.save()
    names = sorted(path.name for path in (lake.path / "clock_stretches").iterdir())
    assert names == ["2026-12-01.json", "2026-12-02.json"]


def test_a_damaged_file_is_worked_out_again(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    files = StretchFiles(lake)
    files.put(HOUR, "a", FOUND)
    files.save()
    [path] = (lake.path / "clock_stretches").iterdir()
    path.write_bytes(b'{"1": ')
    assert StretchFiles(lake).get(HOUR, "a") is None


def test_a_lake_that_cannot_be_written_to_loses_nothing_but_time(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    (lake.path / "clock_stretches").write_text("not a folder")
    files = StretchFiles(lake)
    files.put(HOUR, "a", FOUND)
    files.save()
    assert files.get(HOUR, "a") == FOUND
