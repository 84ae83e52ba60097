from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from tests.web.visitor import Visitor
from tidegauge.web.application import create_application
from tidegauge.web.page import page_routes
from tidegauge.web.server import Server


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "index-abc123.js").write_text("export {};\n")
    (folder / "index.html").write_text("<!doctype html><title>page</title>\n")
    (folder / "icon.svg").write_text("<svg/>\n")
    return folder


@pytest.fixture
def page(static: Path, tmp_path: Path) -> Iterator[Visitor]:
    application: Starlette = create_application(tmp_path)
    routes = page_routes(static)
    application.router.routes[-len(routes) :] = routes
    server = Server(application, "127.0.0.1", 0)
    server.start()
    yield Visitor(server.port)
    server.stop()


def test_the_page_is_looked_for_again_each_time(page: Visitor) -> None:
    reply = page.get("/")
    assert b"<title>page</title>" in reply.body
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/users",
        "/users/John",
        "/users/Ann%20O%2FNeil",
        "/hosts/fd10::17",
        "/flows",
        "/links",
        "/links/::1/3",
        "/clocks",
    ],
)
def test_one_document_draws_every_place(page: Visitor, path: str) -> None:
    assert b"<title>page</title>" in page.get(path).body


@pytest.mark.parametrize("path", ["/nothing", "/hosts", "/links/::1", "/links/::1/x", "/flows/1"])
def test_a_path_that_is_no_place_is_not_found(page: Visitor, path: str) -> None:
    assert page.get(path).status == 404


def test_hashed_assets_are_kept_for_ever(page: Visitor) -> None:
    reply = page.get("/assets/index-abc123.js")
    assert reply.headers["content-type"].startswith("text/javascript")
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_icon_has_its_type(page: Visitor) -> None:
    assert page.get("/icon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path", ["/assets/missing.js", "/assets/../index.html", "/assets/%2e%2e/%2e%2e/pulse.py"]
)
def test_nothing_outside_the_assets_is_served(page: Visitor, path: str) -> None:
    assert page.get(path).status == 404


def test_a_page_that_was_not_built_says_how_to(page: Visitor, static: Path) -> None:
    (static / "index.html").unlink()
    reply = page.get("/")
    assert (reply.status, reply.json["detail"]) == (
        404,
        "The dashboard is not built; `make setup` builds it.",
    )
