from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, Row, make_lake
from tidegauge.analysis import reading
from tidegauge.analysis.preparation import prepare
from tidegauge.analysis.top import top
from tidegauge.query import duplicates, named
from tidegauge.query.question import Query
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake

FLOW = {"start": NOON, "end": NOON, "src_addr": "10.0.0.1", "dst_addr": "10.0.0.2", "bytes": 1}
FLOWS: list[Row] = [
    {**FLOW, "exporter": exporter, "direction": n} for n, exporter in enumerate(("192.0.2.1", "192.0.2.2"))
]
NAMED = f"pieces of {named.RELATION}"
ASKED = Query(by=("user",), since="now-1h", until="now")


def kept(stock: Stock) -> list[str]:
    return [each.name for each in stock.kept if each.name in (NAMED, duplicates.RELATION)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(make_lake(tmp_path / "lake", FLOWS).path, Stock())


def test_the_question_finds_made_what_it_needs(lake: Lake) -> None:
    assert lake.stock
    assert prepare(lake, ASKED, NOON + 1) == len(FLOWS)
    made = lake.stock.kept
    assert kept(lake.stock) == [NAMED, duplicates.RELATION]
    assert top(lake, ASKED, NOON + 1).totals["flows"] == 1
    assert {*lake.stock.kept} == {*made}


def test_of_many_flows_nothing_is_made(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lake.stock
    monkeypatch.setattr(reading, "MOST_NAMED", 1)
    prepare(lake, ASKED, NOON + 1)
    assert kept(lake.stock) == []
