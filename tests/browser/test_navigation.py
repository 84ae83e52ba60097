"""Getting about: pages, their addresses, and the bar that stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.visit import Visit, panel, rows

pytestmark = pytest.mark.browser


def test_the_question_goes_along_from_page_to_page(visit: Visit) -> None:
    page = visit.open("/?since=now-15m&filter=protocol+=+6&by=user")
    page.get_by_role("navigation").get_by_role("link", name="Users & hosts").click()
    expect(page).to_have_url(re.compile(r"/users\?filter=protocol\+=\+6&since=now-15m$"))
    expect(page).to_have_title("Users & hosts · tidegauge")
    page.get_by_role("link", name="Ben", exact=True).click()
    expect(page).to_have_url(re.compile(r"/users/Ben\?filter=protocol\+=\+6&since=now-15m$"))
    page.go_back()
    page.go_back()
    expect(panel(page, "Traffic").get_by_role("button", name="User", pressed=True)).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="Users & hosts")).to_be_visible()


def test_a_link_is_the_whole_view(visit: Visit) -> None:
    page = visit.open(
        "/?filter=proto+udp&since=2026-01-01T12:00:00Z&until=2026-01-01T12:10:00Z&by=exporter&time_zone=Asia/Tokyo"
    )
    expect(page.get_by_role("combobox", name="Filter")).to_have_value("proto udp")
    expect(page.get_by_role("button", name=re.compile("1 Jan, 21:00:00 . 21:10:00"))).to_be_visible()
    expect(panel(page, "Traffic").get_by_role("button", name="Exporter", pressed=True)).to_be_visible()
    expect(page.get_by_role("button", name="Past")).to_be_visible()


def test_links_of_the_first_release_still_work(visit: Visit) -> None:
    page = visit.open("/flows?v=1&q=proto+udp&from=now-15m&to=now")
    expect(page.get_by_role("combobox", name="Filter")).to_have_value("proto udp")
    expect(page.get_by_role("button", name="15 min", pressed=True)).to_be_visible()


def test_two_keys_lead_to_a_page(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m")
    for letter, title in (("r", "Reports"), ("l", "Links"), ("u", "Users & hosts"), ("f", "Flows")):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        expect(page).to_have_title(f"{title} · tidegauge")


def test_one_zone_holds_for_everything(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m&filter=port+=+53&time_zone=Asia/Tokyo")
    expect(rows(page, "In order of time").first).to_contain_text("1 Jan, 21:00:")
    page.get_by_label("Time zone").select_option("")
    expect(rows(page, "In order of time").first).to_contain_text("1 Jan, 12:00:")


def test_a_custom_range_is_meant_in_the_zone_chosen(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m&time_zone=Asia/Tokyo")
    page.get_by_role("button", name="Custom range").click()
    page.get_by_label("From").fill("2026-01-01T21:00:00")
    page.get_by_label("To", exact=True).fill("2026-01-01T21:05:00")
    page.get_by_role("button", name="Show this range").click()
    expect(page).to_have_url(re.compile("since=2026-01-01T12:00:00Z&until=2026-01-01T12:05:00Z"))


def test_a_path_that_leads_nowhere_is_an_honest_404(visit: Visit) -> None:
    reply = visit.page.request.get(f"{visit.address}/nothing/here")
    assert reply.status == 404


def test_the_theme_is_chosen_and_kept(own_window: BrowserContext, address: str) -> None:
    page = Visit(own_window, address).open("/flows?since=now-15m")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Theme: auto").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    dark = page.evaluate(ground)
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate(ground) == dark != light


def test_help_opens_and_closes_by_key(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Help")).to_have_count(0)
