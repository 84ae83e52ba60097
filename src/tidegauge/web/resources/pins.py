"""``/api/v1/names/pin``: what a person says an address was."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from tidegauge.clock.timerange import range_from_words
from tidegauge.names.pin import pin
from tidegauge.store.bindings import append
from tidegauge.web.json_body import json_body

if TYPE_CHECKING:
    from starlette.requests import Request

    from tidegauge.web.reader import Reader


class Pin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``address`` was ``name``'s from ``since`` (else always) until ``until`` (else for good)."""

    address: str
    name: str
    is_machine: bool = False
    since: str | None = None
    until: str | None = None
    time_zone: str = "UTC"


async def pin_name(request: Request) -> Response:
    """Write a pin down, and reply with no content."""
    reader: Reader = request.app.state.reader
    asked = await json_body(request, Pin)
    now = reader.now()
    time_range = range_from_words(asked.since, asked.until, asked.time_zone, now)
    told = pin(asked.address, asked.name, time_range, is_machine=asked.is_machine)
    await reader.read(lambda lake: append(lake, [told], now))
    reader.begin_anew()
    request.app.state.answers.forget()
    return Response(status_code=HTTPStatus.NO_CONTENT)


PIN_ROUTE = Route("/names/pin", pin_name, methods=["POST"])
