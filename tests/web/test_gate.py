from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.conftest import running
from tests.web.visitor import Visitor
from tidegauge.store.lake import Lake
from tidegauge.web.gate import COOKIE, is_loopback

TOKEN = "correct horse"


@pytest.fixture(scope="module")
def guarded(lake: Lake) -> Iterator[Visitor]:
    with running(lake.path, TOKEN) as visitor:
        yield visitor


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "tidegauge.localhost"])
def test_loopback_is_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost.evil.example", "evil.example", ""])
def test_anything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8480", "192.0.2.1", "localhost.evil.example"])
def test_a_rebound_name_is_turned_away(visitor: Visitor, host: str) -> None:
    reply = visitor.get("/api/v1/fields", {"host": host})
    assert (reply.status, reply.json["type"]) == (421, "urn:tidegauge:problem:host")


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1:8480", "[::1]:8480"])
def test_names_of_this_machine_are_welcome(visitor: Visitor, host: str) -> None:
    assert visitor.get("/api/v1/fields", {"host": host}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"{COOKIE}="},
        {"authorization": "Bearer "},
    ],
)
def test_without_the_token_nobody_gets_in(guarded: Visitor, headers: dict[str, str]) -> None:
    reply = guarded.get("/api/v1/fields", headers)
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/stream", "/assets/x.js", "/api/v1/top.csv"])
def test_the_token_guards_everything(guarded: Visitor, path: str) -> None:
    assert guarded.get(path).status == 401


def test_health_is_open_and_says_little(guarded: Visitor) -> None:
    assert guarded.get("/health").json == {"status": "ok"}


def test_the_token_opens_as_a_bearer_from_any_host(guarded: Visitor) -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "host": "flows.example.org"}
    assert guarded.get("/api/v1/fields", headers).status == 200


def test_a_token_in_the_url_becomes_a_cookie_and_leaves_the_address(guarded: Visitor) -> None:
    reply = guarded.get("/api/v1/fields", token=TOKEN, x="1")
    assert (reply.status, reply.headers["location"]) == (303, "/api/v1/fields?x=1")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert guarded.get("/api/v1/fields", {"cookie": cookie.partition(";")[0]}).status == 200


FOREIGN = (
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
)


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_elsewhere_may_change_nothing_here(visitor: Visitor, headers: dict[str, str]) -> None:
    reply = visitor.post("/api/v1/filter/check", b"{}", headers)
    assert (reply.status, reply.json["type"]) == (403, "urn:tidegauge:problem:origin")
    assert visitor.send("DELETE", "/api/v1/mutes/none", None, headers).status == 403
    assert visitor.get("/api/v1/fields", headers).status == 200


def test_our_own_pages_may_and_programs_too(visitor: Visitor) -> None:
    own = {"origin": f"http://127.0.0.1:{visitor.port}", "sec-fetch-site": "same-origin"}
    assert visitor.post("/api/v1/filter/check", b"{}", own).status == 200
    assert visitor.send("DELETE", "/api/v1/mutes/none", None, own).status == 404
    assert visitor.post("/api/v1/filter/check", b"{}").status == 200


def test_a_cookie_alone_lets_no_foreign_page_send(guarded: Visitor) -> None:
    cookie = guarded.get("/api/v1/fields", token=TOKEN).headers["set-cookie"].partition(";")[0]
    headers = {"cookie": cookie, "origin": "https://evil.example"}
    assert guarded.post("/api/v1/filter/check", b"{}", headers).status == 403


def test_a_cookie_of_another_server_opens_nothing(guarded: Visitor, lake: Lake) -> None:
    with running(lake.path, token=TOKEN) as other:
        cookie = other.get("/api/v1/fields", token=TOKEN).headers["set-cookie"].partition(";")[0]
    assert guarded.get("/api/v1/fields", {"cookie": cookie}).status == 401


@pytest.mark.parametrize("path", ["/", "/api/v1/fields", "/api/v1/nothing"])
def test_every_reply_carries_the_security_headers(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
