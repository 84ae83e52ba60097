from __future__ import annotations

from pathlib import Path

from tests.sample_lake import NOON, make_lake
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import Totals, totals_of
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_totals_cover_all_flows_and_their_time(lake: Lake) -> None:
    with Reading(lake, Query(filter="tcp"), NOON) as reading:
        found = totals_of(reading)
    assert found == Totals({"bytes": 10, "packets": 3, "flows": 1}, TimeRange(NOON, NOON + 3 * 10**9), (), 1)


def test_flows_that_claim_to_be_old_are_told(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [{"start": 0, "end": NOON, "bytes": 1}])
    with Reading(lake, Query(), NOON) as reading:
        assert totals_of(reading).warnings[0].startswith("1 flows claim")


def test_only_what_adds_up_is_left_over() -> None:
    found = Totals({"bytes": 10, "sessions": 3}, TimeRange(), (), 2)
    assert found.minus([{"bytes": 4, "sessions": 3}], {"bytes"}) == {"bytes": 6, "sessions": None}


def test_what_is_left_after_some_rows() -> None:
    found = Totals({"bytes": 10, "packets": None}, TimeRange(), (), 2)
    assert found.minus([{"bytes": 3, "packets": None}, {"bytes": None, "packets": None}]) == {
        "bytes": 7,
        "packets": None,
    }
