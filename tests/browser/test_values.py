"""Values: each is a way to narrow what is asked, and each answer can be taken elsewhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import Visit, panel, rows

pytestmark = pytest.mark.browser

QUARTER = "/?since=now-15m"


def filters(page: Page) -> list[str]:
    return page.get_by_label("Active filters").locator("code").all_inner_texts()


def test_pressing_a_value_narrows_the_page_and_its_address(visit: Visit) -> None:
    page = visit.open(QUARTER)
    rows(page, "Top services").get_by_role("button", name="YouTube", exact=True).click()
    expect(page).to_have_url(re.compile(r"/\?filter=service\+=\+YouTube&since=now-15m$"))
    expect(rows(page, "Top services")).to_have_count(1)
    page.get_by_role("button", name="Remove filter service = YouTube").click()
    expect(rows(page, "Top services")).to_have_count(3)
    page.go_back()
    expect(page.get_by_label("Active filters")).to_contain_text("service = YouTube")


def test_a_value_is_left_out_with_alt_and_what_nobody_knows_can_be_asked_for(visit: Visit) -> None:
    page = visit.open(QUARTER)
    rows(page, "Top services").get_by_role("button", name="Dropbox", exact=True).click(modifiers=["Alt"])
    expect(rows(page, "Top services")).to_have_count(2)
    assert filters(page) == ["not service = Dropbox"]
    panel(page, "Top services").get_by_role("button", name="Not known", exact=True).click()
    expect(page.get_by_label("Active filters")).to_contain_text("service = null")
    expect(rows(page, "Top ports").first).to_be_visible()


def test_a_cell_narrows_to_both_it_lies_between(visit: Visit) -> None:
    page = visit.open(QUARTER)
    panel(page, "Who used what").get_by_role("button", name=re.compile("^Ann, Streaming: ")).click()
    expect(page).to_have_url(re.compile(r"filter=user\+=\+Ann\+and\+category\+=\+streaming"))


def test_a_host_is_chosen_at_either_end(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m&filter=port+=+53")
    page.get_by_role("button", name="10.0.0.2", exact=True).first.click(button="right")
    page.get_by_role("menuitem", name="As either end").click()
    expect(page.get_by_label("Active filters")).to_contain_text("addr = 10.0.0.2")
    expect(rows(page, "In order of time")).to_have_count(15)


def test_a_chip_is_changed_in_place(visit: Visit) -> None:
    page = visit.open("/users?since=now-15m&filter=protocol+=+6+and+service+=+YouTube")
    page.get_by_role("button", name="service = YouTube", exact=True).click()
    page.get_by_role("textbox", name="Change filter service = YouTube").fill("service = Dropbox")
    page.keyboard.press("Enter")
    expect(rows(page, "By user").first).to_contain_text("Dropbox")
    assert filters(page) == ["protocol = 6", "service = Dropbox"]
    page.keyboard.press("Escape")
    expect(page.get_by_label("Active filters")).not_to_contain_text("service")


def test_a_wrong_filter_points_at_its_column(visit: Visit) -> None:
    page = visit.open("/flows?since=now-15m")
    page.keyboard.press("/")
    page.keyboard.type("src prot 443")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("prot")
    assert alert.locator("pre").inner_text() == "src prot 443\n    ^"
    page.get_by_role("combobox", name="Filter").fill("src port 443")
    page.keyboard.press("Enter")
    expect(alert).to_have_count(0)
    expect(rows(page, "In order of time").first).to_be_visible()


def test_a_filter_is_completed_from_what_flows_hold(visit: Visit) -> None:
    page = visit.open("/users?since=now-15m")
    page.keyboard.press("/")
    page.keyboard.type("user Be")
    expect(page.get_by_role("option", name="Ben")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"filter=user\+Ben"))
    expect(rows(page, "By user")).to_have_count(1)


def test_values_and_panels_have_menus_that_open_by_key_and_give_the_answer_away(visit: Visit) -> None:
    page = visit.open(QUARTER)
    panel(page, "Top users").get_by_role("button", name="Ben", exact=True).focus()
    page.keyboard.press("ArrowDown")
    menu = page.get_by_role("menu", name="Ben")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="Without this")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(panel(page, "Top users").get_by_role("button", name="Ben", exact=True)).to_be_focused()
    page.get_by_role("button", name="Top users: save or copy").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("user,bytes")
    assert {line.split(",")[0] for line in lines[1:]} == {"", "Ann", "Ben"}
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Top services: save or copy").click()
    page.get_by_role("menuitem", name="Copy command").click()
    expect(page.get_by_role("status")).to_contain_text("tidegauge top service,category --since now-15m")
    assert page.evaluate("navigator.clipboard.readText()").startswith("tidegauge top service,category")
