from __future__ import annotations

from tests.sample_lake import NOON
from tidegauge.analysis.conversations import conversations
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake
from tidegauge.web.resources.conversations import CONVERSATIONS


def test_the_api_asks_the_analysis(lake: Lake) -> None:
    assert (CONVERSATIONS.name, CONVERSATIONS.answer) == ("conversations", conversations)
    rows = CONVERSATIONS.answer(lake, Query(by=("src_addr", "dst_addr"), top=1), NOON).data
    assert [(row["src_addr"], row["dst_addr"], row["bytes"]) for row in rows] == [
        ("10.0.0.1", "203.0.113.9", 7000)
    ]
