from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException

from tests.web.visitor import Visitor
from tidegauge.store.errors import LakeMissingError
from tidegauge.web.problem import problem_from_error


def test_a_filter_error_points_at_its_column(visitor: Visitor) -> None:
    reply = visitor.get("/api/v1/top", by="src_addr", filter="src_addr = 10.0.0.1 and prtocol = 6")
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["type"] == "urn:tidegauge:problem:filter"
    assert reply.json["position"] == 25
    assert reply.json["suggestion"] == "protocol"


def test_each_kind_of_error_has_its_status() -> None:
    assert problem_from_error(HTTPException(405)).status == HTTPStatus.METHOD_NOT_ALLOWED
    assert problem_from_error(LakeMissingError("no lake")).status == HTTPStatus.SERVICE_UNAVAILABLE
    assert problem_from_error(ValueError("odd")).detail == "odd"


def test_the_unexpected_keeps_its_insides_to_itself() -> None:
    told = problem_from_error(RuntimeError("/secret/path"))
    assert told.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "/secret/path" not in told.detail
