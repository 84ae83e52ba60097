"""Weight: what the first look at a page costs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Response, expect

from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

LARGEST_FIRST_LOAD_BYTES = 60_000
MOST_QUESTIONS = 10
PAST = "since=2026-01-01T12:00:00Z&until=2026-01-01T12:10:00Z"
"""Which no new flow can change, so that nothing is asked a second time."""


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
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    visit.open(f"{path}?{PAST}")
    questions = [url for url in asked if not url.endswith("/stream")]
    assert len(questions) <= MOST_QUESTIONS
    assert len(set(questions)) == len(questions)


def test_a_page_come_back_to_stands_at_once(visit: Visit) -> None:
    page = visit.open("/users?since=now-15m")
    page.get_by_role("link", name="Ben", exact=True).click()
    visit.settle()
    page.go_back()
    assert page.locator("main tbody tr").count() > 0
