"""Lives: everything one address did and was, in order, and what a person knows about it better."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit, panel, rows, settle

pytestmark = pytest.mark.browser


def test_a_life_is_told_in_order_and_its_address_is_the_whole_view(visit: Visit) -> None:
    page = visit.open("/hosts/10.0.0.5?since=now-15m")
    page.get_by_role("group", name="What to see").get_by_role("button", name="Timeline").click()
    settle(page)
    lines = rows(page, "Timeline")
    expect(lines).to_have_count(100)
    page.get_by_role("button", name="Show 100 more").click()
    expect(lines).to_have_count(141)  # 20 flows its exporter dates until now, 120 knocks, one finding
    expect(page).to_have_url(re.compile("part=timeline&shown=200"))
    page.get_by_role("group", name="Kind").get_by_role("button", name="Findings").click()
    expect(lines).to_have_count(1)
    expect(lines.first).to_contain_text("tried 120 ports of 10.0.0.5")
    page.get_by_role("group", name="Kind").get_by_role("button", name="Flows").click()
    page.get_by_role("group", name="Order").get_by_role("button", name="Latest first").click()
    expect(page).to_have_url(re.compile("order=time:desc&part=timeline&kind=flow"))
    settle(page)
    times = lines.locator("time").evaluate_all("all => all.map(one => one.dateTime)")
    assert times == sorted(times, reverse=True)
    page.reload()
    settle(page)
    assert lines.locator("time").evaluate_all("all => all.map(one => one.dateTime)") == times
    lines.get_by_role("button", name="2001:db8::53", exact=True).first.click()
    expect(page.get_by_label("Active filters")).to_contain_text("addr = 2001:db8::53")
    expect(lines).to_have_count(10)
    assert visit.complaints == []


def test_the_name_of_an_address_is_pinned(own_visit: Visit) -> None:
    page = own_visit.open("/hosts/10.0.0.66?since=now-15m")
    expect(panel(page, "Addresses held")).to_contain_text("Nobody told")
    page.get_by_role("button", name="Pin a name").click()
    dialog = page.get_by_role("dialog", name="Who was 10.0.0.66?")
    dialog.get_by_label("Name").fill(" ")
    dialog.get_by_role("button", name="Pin this name").click()
    expect(dialog.get_by_role("alert")).to_contain_text("at least one letter")
    dialog.get_by_label("Name").fill("Mallory")
    expect(dialog).to_contain_text("tidegauge names pin 10.0.0.66 'Mallory'")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("10.0.0.66 is Mallory")
    expect(panel(page, "Addresses held")).to_contain_text("pinned")
    page.get_by_role("link", name="Open the page of Mallory").click()
    expect(page.get_by_role("heading", name="Mallory", exact=True)).to_be_visible()
    assert [text for text in own_visit.complaints if "400" not in text] == []
