"""Weight: what the first look at a page costs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Response, Route, expect

from tests.browser.conftest import serving
from tests.browser.small_office import NOW
from tests.browser.visit import Visit, panel
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.browser

LARGEST_FIRST_LOAD_BYTES = 60_000
MOST_QUESTIONS = 10
PAST = "since=2026-01-01T12:00:00Z&until=2026-01-01T12:10:00Z"
"""Which no new flow can change, so that nothing is asked a second time."""


RENEWAL = "max-age=5"


def sent(response: Response) -> int:
    return response.request.sizes()["responseBodySize"]


def test_the_first_load_is_small_and_the_chart_comes_after(visit: Visit) -> None:
    assets: list[Response] = []
    visit.page.on("response", lambda reply: assets.append(reply) if "/assets/" in reply.url else None)
    page = visit.open("/?since=now-15m")
    expect(page.locator(".chart canvas")).to_be_visible()
    first = [asset for asset in assets if "chart" not in asset.url]
    assert len(first) < len(assets)
    assert sum(sent(asset) for asset in first) < LARGEST_FIRST_LOAD_BYTES


@pytest.mark.parametrize("path", ["/", "/users", "/users/Ann", "/links", "/links/192.0.2.1/2"])
def test_a_page_asks_few_questions(visit: Visit, path: str) -> None:
    asked: list[Request] = []
    visit.page.on("request", lambda request: asked.append(request) if "/api/" in request.url else None)
    visit.open(f"{path}?{PAST}")
    questions = [request for request in asked if not request.url.endswith("/stream")]
    # What an earlier test asked has an answer of before, which is renewed once.
    renewed = [request.url for request in questions if request.headers["cache-control"] == RENEWAL]
    first = [request.url for request in questions if request.headers["cache-control"] != RENEWAL]
    assert len(first) <= MOST_QUESTIONS
    assert len(set(first)) == len(first)
    assert len(set(renewed)) == len(renewed)


def test_a_page_come_back_to_stands_at_once(visit: Visit) -> None:
    page = visit.open("/users?since=now-15m")
    page.get_by_role("link", name="Ben", exact=True).click()
    visit.settle()
    page.go_back()
    assert page.locator("main tbody tr").count() > 0


def with_answers_of_a_minute_ago(page: Page) -> list[Route]:
    """Have first answers be old ones; the result fills with the questions for newer ones, which wait."""
    renewals: list[Route] = []

    def age(route: Route) -> None:
        if route.request.headers["cache-control"] == RENEWAL:
            renewals.append(route)
            return
        reply = route.fetch()
        route.fulfill(response=reply, headers={**reply.headers, "age": "60"})

    page.route("**/api/v1/top?**", age)
    return renewals


def test_an_answer_of_before_says_so_until_the_newest_is_there(visit: Visit) -> None:
    page, renewals = visit.page, with_answers_of_a_minute_ago(visit.page)
    page.goto(f"{visit.address}/users?{PAST}")
    expect(page.locator(".as-of")).to_have_text("as of 12:14:00")
    expect(page.locator("main tbody tr").first).to_be_visible()
    for route in renewals:
        route.continue_()
    expect(page.locator(".as-of")).to_have_count(0)


def test_how_old_an_answer_is_waits_for_the_servers_time(visit: Visit) -> None:
    page, streams = visit.page, list[Route]()
    with_answers_of_a_minute_ago(page)

    def hold(route: Route) -> None:
        streams.append(route)

    page.route("**/api/v1/stream", hold)
    page.goto(f"{visit.address}/users?{PAST}")
    expect(page.locator("main tbody tr").first).to_be_visible()
    expect(page.locator(".as-of")).to_have_count(0)
    for route in streams:
        route.continue_()
    expect(page.locator(".as-of")).to_have_text("as of 12:14:00")


MOST_STATEMENTS, MOST_STATEMENTS_AGAIN = 220, 100
"""Of the overview's nine questions, over a lake that nobody has asked before: with a search of all detectors
about 160. And once everything is there."""


def test_the_overview_asks_the_database_little_and_names_flows_once(
    shared_window: BrowserContext, own_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, lock, ask = Counter[str](), threading.Lock(), Engine.rows

    def counted(engine: Engine, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with lock:
            made["statements"] += 1
            made["names"] += "client_site" in sql
        return ask(engine, sql, values)

    monkeypatch.setattr(Engine, "rows", counted)
    with serving(own_lake, NOW) as address, Visit(shared_window, address) as visit:
        visit.open("/?since=now-15m&until=now")
        assert 20 < made["statements"] < MOST_STATEMENTS
        first = made["statements"]
        visit.open("/?since=now-15m&until=now")
    assert made["statements"] - first < MOST_STATEMENTS_AGAIN
    assert made["names"] == 0  # they stand beside the flows


def test_no_panel_waits_for_the_answer_of_another(visit: Visit) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    visit.page.route("**/api/v1/alerts?*", hold_the_first)
    visit.page.goto(f"{visit.address}/?since=now-15m")
    for title in ("Top users", "Top services", "Top sites"):
        expect(panel(visit.page, title).locator("tbody tr").first).to_be_visible()
    expect(panel(visit.page, "Fullest links").get_by_role("link", name="Internet")).to_be_visible()
    assert len(held) == 1
    expect(visit.page.locator("[aria-busy=true], .progress.on").first).to_be_attached()
    held[0].continue_()
    visit.settle()
