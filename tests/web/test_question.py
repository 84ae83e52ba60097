from __future__ import annotations

import pytest

from tests.web.visitor import Visitor
from tidegauge.analysis.answer import Answer
from tidegauge.web.question import Question
from tidegauge.web.reply import MEDIA_TYPES


def test_a_question_has_a_path_for_each_format() -> None:
    question = Question("tides", "High and low.", lambda _lake, _query, _now: Answer(data=[], columns=[]))
    assert [route.path for route in question.routes()] == [
        "/tides",
        *(f"/tides.{name}" for name in MEDIA_TYPES),
    ]


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_suffix_and_accept_header_ask_for_the_same(visitor: Visitor, name: str) -> None:
    by_suffix = visitor.get(f"/api/v1/top.{name}", by="src_addr")
    by_header = visitor.get("/api/v1/top", {"accept": MEDIA_TYPES[name]}, by="src_addr")
    assert by_suffix.headers["content-type"].startswith(MEDIA_TYPES[name])
    assert by_header.headers["content-type"] == by_suffix.headers["content-type"]
