"""``/health``: whether this server can read its lake; for load balancers and people in a hurry."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from tidegauge.analysis.time_service import time_service_of
from tidegauge.store.errors import LakeError

if TYPE_CHECKING:
    from starlette.requests import Request

    from tidegauge.web.reader import Reader


async def health(request: Request) -> Response:
    """Reply 200 when the lake opens, else 503; open to everybody, so it tells hardly more.

    ``time_server`` is there where an NTP server ran beside the collector: ``serving``, ``unsynchronised``
    or ``stopped``. That is no reason to send nobody here, so the status stays 200.
    """
    reader: Reader = request.app.state.reader
    try:
        service = await reader.read(lambda lake: time_service_of(lake, reader.now()))
    except LakeError:
        status, told = HTTPStatus.SERVICE_UNAVAILABLE, {"status": "no lake"}
    else:
        status, told = HTTPStatus.OK, {"status": "ok"}
        if service:
            told["time_server"] = service.state
    return Response(msgspec.json.encode(told), status_code=status, media_type="application/json")
