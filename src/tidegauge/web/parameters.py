"""Parameters: how a query object is written into a URL or a request body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.query.question import Query

if TYPE_CHECKING:
    from starlette.requests import Request

LISTS = frozenset({"by", "metrics"})
NAMES = frozenset(Query.__struct_fields__)
GATE_NAMES = frozenset({"token"})


async def query_from_request(request: Request) -> Query:
    """The query a request asks: JSON in a POST, else the query string.

    Lists are comma-separated or repeated. A name we do not know is refused, since a misspelt
    ``untill`` that is silently ignored gives a wrong answer. Raises ValueError.
    """
    if request.method == "POST":
        return _query_from_json(await request.body())
    return _query_from_items(request.query_params.multi_items())


def _query_from_json(body: bytes) -> Query:
    try:
        fields = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ValueError(f"the body is no JSON object: {error}") from None
    return _query(fields, strict=True)


def _query_from_items(items: list[tuple[str, str]]) -> Query:
    fields: dict[str, Any] = {}
    for name, text in items:
        if name in LISTS:
            fields.setdefault(name, []).extend(word.strip() for word in text.split(",") if word.strip())
        elif name not in GATE_NAMES:
            fields[name] = text
    return _query(fields, strict=False)


def _query(fields: dict[str, Any], *, strict: bool) -> Query:
    if strangers := sorted(fields.keys() - NAMES):
        raise ValueError(f"unknown parameter {strangers[0]!r}; known are {', '.join(sorted(NAMES))}")
    try:
        return msgspec.convert(fields, Query, strict=strict)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
