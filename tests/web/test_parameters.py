from __future__ import annotations

import pytest

from tests.web.visitor import Visitor


def test_lists_are_separated_by_commas_or_repeated(visitor: Visitor) -> None:
    once = visitor.get("/api/v1/top", by="src_addr,protocol")
    twice = visitor.get("/api/v1/top?by=src_addr&by=protocol")
    assert once.json["data"] == twice.json["data"]
    assert set(once.json["data"][0]) == {"src_addr", "protocol", "bytes", "packets", "flows"}


def test_a_posted_query_is_the_same_question(visitor: Visitor) -> None:
    posted = visitor.post("/api/v1/top", b'{"by": ["src_addr"], "top": 1, "filter": "proto tcp"}')
    asked = visitor.get("/api/v1/top", by="src_addr", top="1", filter="proto tcp")
    assert (
        posted.json["data"]
        == asked.json["data"]
        == [{"src_addr": "10.0.0.1", "bytes": 7000, "packets": 20, "flows": 2}]
    )


@pytest.mark.parametrize(
    ("words", "detail"),
    [
        ({"untill": "now"}, "unknown parameter 'untill'; known are by, compare,"),
        ({"by": "src_addr", "top": "ten"}, "Expected `int | null`"),
        ({"by": "nonsense"}, "'nonsense' is no field"),
        ({"by": "src_addr", "since": "whenever"}, "'whenever' is no time"),
    ],
)
def test_what_cannot_be_asked_is_said(visitor: Visitor, words: dict[str, str], detail: str) -> None:
    reply = visitor.get("/api/v1/top", None, **words)
    assert reply.status == 400
    assert detail in reply.json["detail"]


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"top": "1"}', b'{"by": ["src_addr"]'])
def test_a_body_that_is_no_query_is_refused(visitor: Visitor, body: bytes) -> None:
    assert visitor.post("/api/v1/top", body).status == 400
