from __future__ import annotations

from tests.web.visitor import Visitor
from tidegauge.analysis.exchanges import COLUMNS


def test_who_asked_nothing_is_told_how_to(visitor: Visitor) -> None:
    answer = visitor.get("/api/v1/exchanges").json
    assert answer["data"] == []
    assert [column["name"] for column in answer["columns"]] == [column.name for column in COLUMNS]
    assert "exchanges ask" in answer["warnings"][0]
