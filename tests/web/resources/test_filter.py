from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.sample_lake import NOON, SECOND, make_lake
from tests.web.visitor import Reply, Visitor
from tidegauge.web.problem import PROBLEM_REPLIES
from tidegauge.web.reader import Reader
from tidegauge.web.resources.filter import FILTER_ROUTES
from tidegauge.web.server import Server


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filter") / "lake"
    make_lake(path, [{"start": NOON, "end": NOON, "bytes": 1, "packets": 1, "user": "Sarah Q"}])
    return path


@pytest.fixture(scope="module")
def asked(lake_path: Path) -> Iterator[Visitor]:
    routes = [Mount("/api/v1", routes=list(FILTER_ROUTES))]
    application = Starlette(routes=routes, exception_handlers=PROBLEM_REPLIES)
    application.state.stopping = asyncio.Event()
    application.state.reader = Reader(lake_path, lambda: NOON + SECOND)
    server = Server(application, "127.0.0.1", 0)
    server.start()
    yield Visitor(server.port)
    server.stop()


def post(asked: Visitor, name: str, **body: object) -> Reply:
    return asked.post(f"/api/v1/filter/{name}", json.dumps(body).encode())


def test_check_replies_with_the_canonical_form(asked: Visitor) -> None:
    reply = post(asked, "check", filter="tcp or udp and port 53").json
    assert reply["filter"] == "protocol = tcp or (protocol = udp and port = 53)"
    assert len(reply["warnings"]) == 1


def test_a_wrong_filter_is_a_problem_with_its_place(asked: Visitor) -> None:
    reply = post(asked, "check", filter="tcp and prtocol 6")
    assert reply.status == 400
    assert (reply.json["position"], reply.json["suggestion"]) == (9, "protocol")


def test_explain_says_it_in_words_and_in_sql(asked: Visitor) -> None:
    reply = post(asked, "explain", filter="dst port 443").json
    assert reply["meaning"] == "flows whose destination port is 443"
    assert (reply["sql"], reply["parameters"]) == ('"dst_port" = CAST($p1 AS USMALLINT)', {"p1": 443})


def test_complete_offers_what_flows_hold(asked: Visitor) -> None:
    reply = post(asked, "complete", filter="user sar and tcp", cursor=8).json
    assert (reply["start"], reply["end"]) == (5, 8)
    assert reply["candidates"] == [{"text": '"Sarah Q"', "kind": "value", "meaning": ""}]


def test_complete_does_without_a_lake(asked: Visitor, lake_path: Path) -> None:
    hidden = lake_path.with_name("hidden")
    lake_path.rename(hidden)
    try:
        reply = post(asked, "complete", filter="dst po").json
    finally:
        hidden.rename(lake_path)
    assert [candidate["text"] for candidate in reply["candidates"]] == ["port"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"filtr": "tcp"}', b'{"filter": 5}'])
def test_a_body_without_a_filter_is_refused(asked: Visitor, body: bytes) -> None:
    reply = asked.post("/api/v1/filter/check", body)
    assert reply.status == 400
    assert "JSON object" in reply.json["detail"]
