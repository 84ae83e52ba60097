from __future__ import annotations

from tests.web.conftest import NOW
from tests.web.visitor import Visitor
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_the_api_says_what_the_analysis_says(visitor: Visitor, lake: Lake) -> None:
    reply = visitor.get("/api/v1/top", by="src_addr", filter="proto tcp", since="now-5m").json
    answer = top(lake, Query(by=("src_addr",), filter="proto tcp", since="now-5m"), NOW)
    assert (reply["data"], reply["totals"]) == (answer.data, answer.totals)
    assert reply["data"] == [{"src_addr": "10.0.0.1", "bytes": 7000, "packets": 20, "flows": 2}]


def test_completeness_comes_with_it(visitor: Visitor) -> None:
    assert visitor.get("/api/v1/top", by="src_addr").json["completeness"]["lost_records"] == 2
