from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_crossings import NUMBERS, both, found
from tests.sample_lake import make_lake
from tidegauge.analysis import crossings


def test_of_many_records_only_some_ports_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake(tmp_path, both(0))
    assert len(found(lake)[0].told) == len(NUMBERS)
    monkeypatch.setattr(crossings, "MOST_RECORDS", len(both(0)) // 2)
    assert len(found(lake)[0].told) == len(NUMBERS) // 2


def test_ports_of_which_two_are_more_than_a_port_can_be_are_added_up(tmp_path: Path) -> None:
    high = [row | {"src_port": 60_000, "dst_port": 50_000} for row in both(0)]
    assert found(make_lake(tmp_path, high)) == []
