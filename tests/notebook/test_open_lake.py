"""Every question as a method, with the words of the command line."""

from __future__ import annotations

import inspect
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import tidegauge
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.notebook.open_lake import OpenLake, open_lake
from tidegauge.query.error import FilterError
from tidegauge.store.errors import LakeError
from tidegauge.web.application import QUESTIONS

FLOWS = [
    {
        "src_addr": source, "dst_addr": "198.51.100.1", "src_port": 50_000 + second, "dst_port": 443,
        "start": NOON + second * SECOND, "end": NOON + (second + 1) * SECOND, "bytes": 1000, "packets": 10,
        "protocol": 6, "exporter": "192.0.2.1",
    }
    for second, source in ((0, "10.0.0.1"), (60, "10.0.0.1"), (120, "10.0.0.2"))
]  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> OpenLake:
    make_lake(tmp_path / "lake", FLOWS)
    return tidegauge.open(tmp_path / "lake")


def test_top_ranks_by_what_is_named(lake: OpenLake) -> None:
    table = lake.top("src_addr", "dst_port", metrics=["bytes"], limit=1)
    assert table.rows == [{"src_addr": "10.0.0.1", "dst_port": 443, "bytes": 2000}]
    assert table.answer.other == {"bytes": 1000}


def test_a_range_may_be_datetimes(lake: OpenLake) -> None:
    moment = datetime(2026, 1, 1, 14, 1, tzinfo=timezone(timedelta(hours=2)))
    assert lake.flows(since=moment).answer.totals["flows"] == 2
    naive = datetime(2026, 1, 1, 13, 1)  # noqa: DTZ001 (in the zone of the question)
    assert lake.flows(until=naive, time_zone="Europe/Berlin").answer.totals["flows"] == 1


def test_series_takes_a_step(lake: OpenLake) -> None:
    assert [row["flows"] for row in lake.series(step="1m")] == [1, 1, 1]
    assert [row["flows"] for row in lake.series(step="1h", filter="src 10.0.0.1")] == [2]


def test_a_wrong_filter_is_said_at_once(lake: OpenLake) -> None:
    with pytest.raises(FilterError, match="column 5"):
        lake.flows("src prot 443")


def test_every_question_of_the_api_is_a_method() -> None:
    methods = {name for name, _ in inspect.getmembers(OpenLake, inspect.isfunction)}
    asked = {question.name for question in QUESTIONS} - {"overview"}  # the page's own
    assert asked <= methods


@pytest.mark.parametrize("name", ["exporters", "clocks", "exchanges", "ledger", "alerts"])
def test_what_needs_no_groups_needs_no_arguments(lake: OpenLake, name: str) -> None:
    assert getattr(lake, name)().completeness == 1.0


def test_without_a_path_it_is_the_usual_lake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_lake(tmp_path / "lake", FLOWS)
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(tmp_path / "lake"))
    assert open_lake().path == tmp_path / "lake"
    with pytest.raises(LakeError, match="there is no lake"):
        open_lake(tmp_path / "elsewhere")
