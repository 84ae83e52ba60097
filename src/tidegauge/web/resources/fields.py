"""``/api/v1/fields``: the words a question may use, with unit and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from tidegauge.flow.fields import FIELDS

if TYPE_CHECKING:
    from starlette.requests import Request

ROWS = [
    {
        "name": field.name,
        "type": field.type,
        "unit": field.unit,
        "meaning": field.meaning,
        "words": field.words,
        "derived": field.is_derived,
    }
    for field in FIELDS
]


async def fields(_request: Request) -> Response:
    """Reply with every field of the flow record, in the order of columns."""
    return Response(msgspec.json.encode({"data": ROWS}), media_type="application/json")
