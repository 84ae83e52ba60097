from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.profile import profile
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web.resources.profile import PROFILE


def test_the_api_asks_the_analysis(lake: Lake) -> None:
    assert (PROFILE.name, PROFILE.answer) == ("profile", profile)
    rows = PROFILE.answer(lake, Query(filter="addr 10.0.0.2"), NOON).data
    assert [row["bytes"] for row in rows if row["section"] == "peers"] == [3000]
