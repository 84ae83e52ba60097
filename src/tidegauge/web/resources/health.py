"""``/health``: whether this server can read its lake; for load balancers and people in a hurry."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from tidegauge.store.errors import LakeError

if TYPE_CHECKING:
    from starlette.requests import Request

    from tidegauge.web.reader import Reader


async def health(request: Request) -> Response:
    """Reply 200 when the lake opens, else 503; open to everybody, so it tells nothing else."""
    reader: Reader = request.app.state.reader
    try:
        await reader.read(lambda _lake: None)
    except LakeError:
        status, word = HTTPStatus.SERVICE_UNAVAILABLE, "no lake"
    else:
        status, word = HTTPStatus.OK, "ok"
    return Response(msgspec.json.encode({"status": word}), status_code=status, media_type="application/json")
