"""Looks: every page at every width, in both themes, for eyes, fingers and screen readers."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
LEAST_TEXT_CONTRAST = 4.5
DARK: dict[str, object] = {"scheme": "dark"}
PHONE: dict[str, object] = {"width": 390}
QUESTION = "since=now-15m&filter=not+src+host+2001:db8:1234:5678:9abc:def0:1234:5678+and+protocol+=+6"
PAGES = ("/", "/users", "/users/Ann", "/hosts/10.0.0.8", "/links", "/links/192.0.2.1/2", "/flows")


LOOKS: tuple[dict[str, object], ...] = ({}, DARK, PHONE, PHONE | DARK, {"width": 820}, {"width": 1920})


# One visit for all three: opening the page is what takes the time.
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("visit", LOOKS, indirect=True)
def test_a_page_is_fit_for_eyes_fingers_and_screen_readers(visit: Visit, path: str) -> None:
    page = visit.open(f"{path}?{QUESTION}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CONTRAST, LEAST_TEXT_CONTRAST) == []
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    roles = {"button", "textbox", "combobox", "searchbox", "link", "slider", "region", "navigation"}
    controls = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree["nodes"]
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert len(controls) > 15
    assert [role for role, name in controls if not name.strip()] == []
    heights = page.locator("button:visible").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(heights) >= 24


def test_the_focus_is_seen(visit: Visit) -> None:
    page = visit.open("/users?since=now-15m")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    expect(page.get_by_role("link", name="tidegauge, overview")).to_be_focused()


def test_nothing_moves_for_who_asked_for_stillness(visit: Visit) -> None:
    visit.page.emulate_media(reduced_motion="reduce")
    page = visit.open()
    moving = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
