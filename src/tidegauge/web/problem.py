"""Problems: errors as HTTP tells them to programs (RFC 9457, ``application/problem+json``)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tidegauge.analysis.reports.report import ReportError
from tidegauge.query.error import FilterError, QuestionError
from tidegauge.store.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request failed. ``position`` is the column (from 1) at which a filter stopped making sense."""

    type: str
    title: str
    status: int
    detail: str
    position: int | None = None
    expected: tuple[str, ...] = ()
    suggestion: str = ""


def problem(status: HTTPStatus, detail: str, kind: str = "") -> Problem:
    """A problem without further members; ``kind`` tells programs apart what one status mixes."""
    name = kind or status.phrase.lower().replace(" ", "-")
    return Problem(type=f"urn:tidegauge:problem:{name}", title=status.phrase, status=status, detail=detail)


def problem_reply(trouble: Problem) -> Response:
    """The response that carries a problem."""
    return Response(msgspec.json.encode(trouble), status_code=trouble.status, media_type=MEDIA_TYPE)


def _from_filter(error: FilterError) -> Problem:
    return Problem(
        type="urn:tidegauge:problem:filter",
        title="The filter cannot be read",
        status=HTTPStatus.BAD_REQUEST,
        detail=error.sentence,
        position=error.column,
        expected=error.expected,
        suggestion=error.suggestion,
    )


def problem_from_error(error: Exception) -> Problem:
    """What to tell the client about an error; the unexpected is told without its insides."""
    match error:
        case FilterError():
            return _from_filter(error)
        case HTTPException():
            return problem(HTTPStatus(error.status_code), error.detail)
        case QuestionError() | ValueError():
            return problem(HTTPStatus.BAD_REQUEST, str(error), "question")
        case ReportError():
            return problem(HTTPStatus.BAD_REQUEST, str(error), "report")
        case LakeError():
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), "lake")
        case _:
            return problem(
                HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke here; the server's log says what."
            )


async def _reply(_request: Request, error: Exception) -> Response:
    return problem_reply(problem_from_error(error))


PROBLEM_REPLIES: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _reply,
    ValueError: _reply,
    LakeError: _reply,
    ReportError: _reply,
    Exception: _reply,
}
