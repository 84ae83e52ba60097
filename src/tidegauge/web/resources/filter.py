"""``/api/v1/filter/…``: check, explain and complete a filter, so that a page needs no grammar of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from tidegauge.analysis.live_values import live_values
from tidegauge.query.canonical import canonical
from tidegauge.query.completion import DEFAULT_LIMIT, Completion, complete, no_values
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate
from tidegauge.query.sentence import sentence
from tidegauge.store.errors import LakeError
from tidegauge.web.json_body import json_body

if TYPE_CHECKING:
    from starlette.requests import Request

    from tidegauge.store.lake import Lake
    from tidegauge.web.reader import Reader


class FilterText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter as somebody wrote it."""

    filter: str = ""


class TypedFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter while it is typed; ``cursor`` is how many letters stand before the cursor, None for all."""

    filter: str = ""
    cursor: int | None = None
    limit: int = DEFAULT_LIMIT


async def check(request: Request) -> Response:
    """Reply with the canonical form and the warnings; a filter that cannot be read is a problem."""
    found = parse((await json_body(request, FilterText)).filter)
    return _json({"filter": canonical(found.term), "warnings": found.warnings})


async def explain(request: Request) -> Response:
    """Reply with what the filter means, in words and as SQL with its parameters."""
    found, parameters = parse((await json_body(request, FilterText)).filter), Parameters()
    return _json(
        {
            "filter": canonical(found.term),
            "warnings": found.warnings,
            "meaning": sentence(found.term),
            "sql": predicate(found.term, parameters),
            "parameters": parameters.values,
        }
    )


async def complete_typed(request: Request) -> Response:
    """Reply with what could be written at the cursor; without a lake, with words alone."""
    typed = await json_body(request, TypedFilter)
    reader: Reader = request.app.state.reader

    def completed(lake: Lake) -> Completion:
        return complete(typed.filter, typed.cursor, live_values(lake, reader.now()), limit=typed.limit)

    try:
        return _json(await reader.read(completed))
    except LakeError:
        return _json(complete(typed.filter, typed.cursor, no_values, limit=typed.limit))


FILTER_ROUTES = (
    Route("/filter/check", check, methods=["POST"]),
    Route("/filter/explain", explain, methods=["POST"]),
    Route("/filter/complete", complete_typed, methods=["POST"]),
)


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
