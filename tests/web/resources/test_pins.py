from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tests.web.conftest import FLOWS, LEDGER, NOW, running
from tests.web.visitor import Reply, Visitor
from tidegauge.analysis.known_names import known_names
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "lake", FLOWS, LEDGER)


@pytest.fixture
def visitor(lake: Lake) -> Iterator[Visitor]:
    with running(lake.path) as visitor:
        yield visitor


def pinned(visitor: Visitor, **pin: object) -> Reply:
    return visitor.post("/api/v1/names/pin", json.dumps(pin).encode())


def test_a_pin_names_at_once(lake: Lake, visitor: Visitor) -> None:
    assert pinned(visitor, address="10.0.0.1", name="Ann").status == 204
    [known] = known_names(lake, Query(), NOW, "10.0.0.1").data
    assert (known["person"], known["source"]) == ("Ann", "pinned")
    named = visitor.get("/api/v1/top", by="user", filter="addr 10.0.0.1").json["data"]
    assert [(row["user"], row["bytes"]) for row in named] == [("Ann", 7000)]


def test_a_pin_holds_for_its_time(visitor: Visitor) -> None:
    span = {"since": "2026-01-01T12:00:10", "until": "2026-01-01T12:00:30"}
    assert pinned(visitor, address="10.0.0.1", name="Ann", **span).status == 204
    named = visitor.get("/api/v1/top", by="user", filter="addr 10.0.0.1").json["data"]
    assert {row["user"]: row["bytes"] for row in named} == {None: 6000, "Ann": 1000}


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        ({"address": "printer", "name": "Ann"}, "printer is no IP address"),
        ({"address": "10.0.0.1", "name": " "}, "at least one letter"),
        ({"address": "10.0.0.1", "name": "Ann", "since": "soon"}, "soon"),
        ({"address": "10.0.0.1"}, "a JSON object that is a Pin"),
        ({"address": "10.0.0.1", "name": "Ann", "owner": "Ben"}, "owner"),
    ],
)
def test_a_pin_that_cannot_be_meant_is_a_problem(
    lake: Lake, visitor: Visitor, pin: dict[str, str], told: str
) -> None:
    reply = pinned(visitor, **pin)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert told in reply.json["detail"]
    assert known_names(lake, Query(), NOW, "").data == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_of_another_page_cannot_pin(lake: Lake, visitor: Visitor, kind: str) -> None:
    body = json.dumps({"address": "10.0.0.1", "name": "Mallory"}).encode()
    assert visitor.post("/api/v1/names/pin", body, {"content-type": kind}).status == 415
    assert known_names(lake, Query(), NOW, "").data == []


def test_looking_pins_nothing(visitor: Visitor) -> None:
    assert visitor.get("/api/v1/names/pin", address="10.0.0.1", name="Ann").status == 405
