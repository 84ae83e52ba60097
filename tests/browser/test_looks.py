"""Looks: every page at every width, in both themes, for eyes, fingers and screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.visit import HEIGHT, Visit

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
LEAST_TEXT_CONTRAST = 4.5
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
"""The picture over time follows its place one frame later."""
QUESTION = "since=now-15m&filter=not+src+host+2001:db8:1234:5678:9abc:def0:1234:5678+and+protocol+=+6"
PAGES = (
    "/",
    "/users",
    "/users/Ann",
    "/hosts/10.0.0.8",
    "/hosts/10.0.0.8?part=timeline",
    "/links",
    "/links/192.0.2.1/2",
    "/flows",
    "/clocks",
    "/reports?by=clocks",
)
LOOKS: tuple[tuple[Scheme, int], ...] = (
    ("light", 1400),
    ("dark", 1400),
    ("light", 390),
    ("dark", 390),
    ("light", 820),
    ("light", 1920),
)
NAMED = {"button", "textbox", "combobox", "searchbox", "link", "slider", "region", "navigation", "checkbox"}


# Opening a page is what takes the time, so it is opened once and then looked at in every way.
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_fit_for_eyes_fingers_and_screen_readers(visit: Visit, path: str) -> None:
    page = visit.open(f"{path}{'&' if '?' in path else '?'}{QUESTION}")
    reader = page.context.new_cdp_session(page)
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.evaluate(DRAWN)
        look = f"{path} in {scheme} at {width}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), look
        assert page.evaluate(CONTRAST, LEAST_TEXT_CONTRAST) == [], look
        controls = [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in reader.send("Accessibility.getFullAXTree")["nodes"]
            if not node["ignored"] and node["role"]["value"] in NAMED
        ]
        assert len(controls) > 15, look
        assert [role for role, name in controls if not name.strip()] == [], look
        heights = page.locator("button:visible").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert min(heights) >= 24, look
    assert visit.complaints == []


def test_the_focus_is_seen(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    expect(page.get_by_role("link", name="tidegauge, overview")).to_be_focused()


def test_nothing_moves_for_who_asked_for_stillness(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m")
    moving = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    expect(page.locator(".live-dot")).to_be_visible()
    assert page.evaluate(moving) > 0
