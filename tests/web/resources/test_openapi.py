from __future__ import annotations

from typing import Any

import pytest

from tests.web.visitor import Visitor
from tidegauge.query.question import Query
from tidegauge.web.application import QUESTIONS


@pytest.fixture(scope="module")
def document(visitor: Visitor) -> dict[str, Any]:
    described: dict[str, Any] = visitor.get("/api/v1/openapi.json").json
    return described


def test_every_question_is_described(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for question in QUESTIONS:
        operation = document["paths"][f"/api/v1/{question.name}"]["get"]
        assert operation["summary"] == question.summary
        assert {parameter["name"] for parameter in operation["parameters"]} == set(Query.__struct_fields__)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            found = [part["$ref"]] if "$ref" in part else []
            return found + [name for value in part.values() for name in references(value)]
        return [name for value in part for name in references(value)] if isinstance(part, list) else []

    names = {name.removeprefix("#/components/schemas/") for name in references(document)}
    assert names == {"Query", "Answer", "Problem", "Mute", "Pin"}
    assert names <= document["components"]["schemas"].keys()


# What some questions cannot be asked without.
NEEDED = {
    "top": "?by=src_addr",
    "matrix": "?by=src_addr,dst_addr",
    "profile": "?filter=addr%2010.0.0.1",
    "timeline": "?filter=addr%2010.0.0.1",
}


def test_every_described_path_answers(document: dict[str, Any], visitor: Visitor) -> None:
    read = {path for path, methods in document["paths"].items() if "get" in methods} - {"/api/v1/stream"}
    for path in read:
        question = NEEDED.get(path.rpartition("/")[2], "")
        assert visitor.get(path.replace("{name}", "clocks") + question).status == 200, path
