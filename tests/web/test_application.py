from __future__ import annotations

from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from tests.web.visitor import Visitor
from tidegauge.web.application import QUESTIONS, create_application
from tidegauge.web.question import Question


def operations(routes: list, prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for route in routes:
        if isinstance(route, Mount):
            found += operations(route.routes or [], prefix + route.path)
        elif isinstance(route, Route):
            found += [(method, prefix + route.path) for method in route.methods or ()]
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_has_a_path(question: Question, tmp_path: Path) -> None:
    assert f"/api/v1/{question.name}" in {path for _, path in operations(create_application(tmp_path).routes)}


def test_nothing_is_served_twice(tmp_path: Path) -> None:
    found = operations(create_application(tmp_path).routes)
    assert len(found) == len(set(found))


def test_an_unknown_path_is_a_problem(visitor: Visitor) -> None:
    reply = visitor.get("/api/v1/nothing")
    assert (reply.status, reply.json["type"]) == (404, "urn:tidegauge:problem:not-found")


def test_large_replies_are_compressed_for_those_who_can(visitor: Visitor) -> None:
    assert visitor.get("/api/v1/fields", {"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in visitor.get("/api/v1/fields").headers
