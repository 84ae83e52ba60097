"""A JSON body: what a request that changes something says.

It has to call itself JSON. That is one more thing that a form on a page elsewhere cannot do, however it is
filled in; the gate has looked at whose page asks before.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import msgspec
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.requests import Request

JSON = "application/json"

Said = TypeVar("Said")


async def json_body(request: Request, type_: type[Said]) -> Said:
    """The body as a ``type_``. Raises HTTPException where it is no JSON, ValueError where it does not fit."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the body as `Content-Type: {JSON}`.")
    try:
        return msgspec.json.decode(await request.body(), type=type_)
    except msgspec.DecodeError as error:
        raise ValueError(f"the body must be a JSON object that is a {type_.__name__}: {error}") from None
