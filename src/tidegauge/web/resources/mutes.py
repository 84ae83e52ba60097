"""``/api/v1/mutes``: what is muted; POST mutes, and DELETE of one shows again what it hid."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from tidegauge.analysis.mute import Mute
from tidegauge.analysis.mute_file import add_mute, read_mutes, remove_mute
from tidegauge.analysis.naming import macros_of
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.web.json_body import JSON, json_body

if TYPE_CHECKING:
    from starlette.requests import Request

    from tidegauge.web.reader import Reader


async def _list(request: Request) -> Response:
    reader: Reader = request.app.state.reader
    mutes = await reader.read(lambda lake: read_mutes(lake.path, macros_of(lake)))
    return _reply([_told(mute) for mute in mutes])


async def _mute(request: Request) -> Response:
    reader: Reader = request.app.state.reader
    asked = await json_body(request, Mute)
    made = msgspec.structs.replace(asked, made=text_from_instant(reader.now()))
    await reader.read(lambda lake: add_mute(lake, made, macros_of(lake)))
    request.app.state.answers.forget()
    return _reply(_told(made), HTTPStatus.CREATED)


async def _unmute(request: Request) -> Response:
    reader: Reader = request.app.state.reader
    number = request.path_params["number"]
    if not await reader.read(lambda lake: remove_mute(lake, number)):
        raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no mute {number}.")
    request.app.state.answers.forget()
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _told(mute: Mute) -> dict[str, Any]:
    return {"id": mute.id, **msgspec.structs.asdict(mute)}


def _reply(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(content), status, media_type=JSON)


MUTE_ROUTES = (
    Route("/mutes", _list, methods=["GET"]),
    Route("/mutes", _mute, methods=["POST"]),
    Route("/mutes/{number}", _unmute, methods=["DELETE"]),
)
