from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.sessions import sessions
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web.resources.sessions import SESSIONS


def test_the_api_asks_the_analysis(lake: Lake) -> None:
    assert (SESSIONS.name, SESSIONS.answer) == ("sessions", sessions)
    rows = SESSIONS.answer(lake, Query(by=("src_addr",)), NOON).data
    assert [(row["src_addr"], row["bytes"]) for row in rows] == [("10.0.0.1", 7000), ("10.0.0.2", 3000)]
