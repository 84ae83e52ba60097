from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.timeline import timeline
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web.resources.timeline import TIMELINE


def test_the_api_asks_the_analysis(lake: Lake) -> None:
    assert (TIMELINE.name, TIMELINE.answer) == ("timeline", timeline)
    rows = TIMELINE.answer(lake, Query(filter="addr 10.0.0.1"), NOON).data
    assert [(row["kind"], row["bytes"]) for row in rows] == [("flow", 6000), ("flow", 1000)]
