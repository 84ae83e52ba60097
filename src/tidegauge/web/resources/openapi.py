"""``/api/v1/openapi.json``: the API told to programs (OpenAPI 3.1), built from the types that serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

import tidegauge
from tidegauge.analysis.answer import Answer
from tidegauge.analysis.mute import Mute
from tidegauge.query.question import Query
from tidegauge.web.parameters import LISTS
from tidegauge.web.problem import MEDIA_TYPE, Problem
from tidegauge.web.reply import MEDIA_TYPES
from tidegauge.web.resources.pins import Pin
from tidegauge.web.resources.reports import Variation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from tidegauge.web.question import Question

_OF_BEFORE = (
    "With `Cache-Control: max-age=N` an answer of before will do that is not older than N seconds; "
    "`Age` says how old it is."
)

REFERENCES = "#/components/schemas/{name}"


def openapi_route(questions: Sequence[Question]) -> Route:
    """The route of the document that describes ``questions``."""

    async def openapi(_request: Request) -> Response:
        return Response(msgspec.json.encode(openapi_document(questions)), media_type="application/json")

    return Route("/openapi.json", openapi)


def openapi_document(questions: Sequence[Question]) -> dict[str, Any]:
    """The whole document."""
    _, schemas = msgspec.json.schema_components([Query, Answer, Problem, Mute, Pin], ref_template=REFERENCES)
    parameters = _parameters(schemas["Query"]["properties"])
    paths = {f"/api/v1/{question.name}": _path(question, parameters) for question in questions}
    return {
        "openapi": "3.1.0",
        "info": {"title": "tidegauge", "version": tidegauge.__version__},
        "paths": paths | _OTHER_PATHS,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _parameters(properties: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "schema": schema} | ({"explode": False} if name in LISTS else {})
        for name, schema in properties.items()
    ]


def _path(question: Question, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    operation = {
        "summary": question.summary,
        "description": f"Also as {_suffixes(question.name)}, or by `Accept`. {_OF_BEFORE}",
        "responses": {
            "200": _response("The answer.", "application/json", "Answer"),
            "default": _response("What went wrong.", MEDIA_TYPE, "Problem"),
        },
    }
    body = {"required": True, "content": {"application/json": {"schema": _reference("Query")}}}
    return {
        "get": operation | {"operationId": f"get_{question.name}", "parameters": parameters},
        "post": operation | {"operationId": f"post_{question.name}", "requestBody": body},
    }


def _suffixes(name: str) -> str:
    return ", ".join(f"`/api/v1/{name}.{suffix}`" for suffix in MEDIA_TYPES if suffix != "json")


def _response(description: str, media_type: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": _reference(schema)}}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": REFERENCES.format(name=name)}


def _plain(summary: str, media_type: str, *words: str) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "parameters": [_word(word) for word in words],
            "responses": {"200": {"description": summary, "content": {media_type: {}}}},
        }
    }


def _word(name: str) -> dict[str, Any]:
    """A parameter of type text; one in braces is a part of the path."""
    is_in_path = name.startswith("{")
    place = {"in": "path", "required": True} if is_in_path else {"in": "query"}
    return {"name": name.strip("{}"), "schema": {"type": "string"}} | place


def _taking(summary: str, schema: str, status: str, done: dict[str, Any]) -> dict[str, Any]:
    """An operation that changes something: what it takes, and what it answers when that is done."""
    return {
        "summary": summary,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _reference(schema)}},
        },
        "responses": {status: done, "default": _response("What went wrong.", MEDIA_TYPE, "Problem")},
    }


_VARIATION = Variation.__struct_fields__
_OTHER_PATHS = {
    "/api/v1/fields": _plain("The fields of a flow record.", "application/json"),
    "/api/v1/mutes": _plain("What is muted.", "application/json")
    | {
        "post": _taking(
            "Mute findings; a second mute of the same scope replaces the first.",
            "Mute",
            "201",
            {"description": "The mute, with its id.", "content": {"application/json": {}}},
        )
    },
    "/api/v1/mutes/{id}": {
        "delete": {
            "summary": "Show again what a mute hid.",
            "parameters": [_word("{id}")],
            "responses": {
                "204": {"description": "It is gone."},
                "default": _response("What went wrong.", MEDIA_TYPE, "Problem"),
            },
        }
    },
    "/api/v1/names/pin": {
        "post": _taking(
            "Say who or what an address was; it goes before whatever else says.",
            "Pin",
            "204",
            {"description": "It is written down."},
        )
    },
    "/api/v1/reports": _plain("The reports there are.", "application/json"),
    "/api/v1/report/{name}": _plain(
        "One report as a page; as PDF, CSV or JSON by the suffix of its name.",
        "text/html",
        "{name}",
        *_VARIATION,
    ),
    "/api/v1/stream": _plain(
        "Server-sent events: the time, then a beat whenever the lake changed.", "text/event-stream"
    ),
    "/metrics": _plain("Counters for Prometheus.", "text/plain"),
    "/health": _plain("Whether the lake can be read.", "application/json"),
}
