from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.links import links
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web.resources.links import LINKS


def test_the_api_asks_the_analysis(lake: Lake) -> None:
    assert (LINKS.name, LINKS.answer) == ("links", links)
    assert LINKS.answer(lake, Query(), NOON).totals == {"bytes": 10_000}
