"""The overview: the day at a glance, and each part of it a way to look closer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.small_office import NOW, office_flows
from tests.browser.visit import Visit, panel, rows, tile
from tests.sample_lake import SECOND, add_segment
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.browser

QUARTER = "/?since=now-15m"


def test_the_day_at_a_glance(visit: Visit) -> None:
    page = visit.open(QUARTER)
    expect(panel(page, "Exporters and their clocks")).to_contain_text("about 300 s fast")
    expect(panel(page, "Exporters and their clocks")).to_contain_text("receiving")
    expect(panel(page, "Needs attention")).to_contain_text("tried 120 ports of 10.0.0.5")
    expect(page.get_by_label("Data quality")).to_contain_text("The clock of 192.0.2.2 is about 300 s fast")
    expect(page.locator(".chart canvas")).to_be_visible()
    expect(tile(page, "Users active")).to_contain_text("2")
    expect(tile(page, "Clocks off")).to_contain_text("1 of 2")
    expect(tile(page, "Alerts")).to_contain_text("1 high")
    expect(tile(page, "Worst link")).to_contain_text("Internet")
    expect(rows(page, "Top services").first).to_contain_text("Dropbox")
    expect(rows(page, "Top sites").first).to_contain_text("www.dropbox.com")
    expect(rows(page, "Who used what").filter(has_text="Ben")).to_contain_text("MB")
    assert visit.complaints == []


def test_where_nobody_is_named_addresses_stand_in(own_visit: Visit, own_lake: Lake) -> None:
    (own_lake.path / "names" / "inventory.toml").unlink()
    page = own_visit.open(f"{QUARTER}&filter=port+=+53")
    expect(rows(page, "Top hosts").first).to_contain_text("2001:db8::53")
    expect(panel(page, "Top hosts")).to_contain_text("No source of names tells the people")
    expect(rows(page, "Top ports").first).to_be_visible()
    expect(panel(page, "Traffic").get_by_role("button", name="Protocol", pressed=True)).to_be_visible()
    expect(tile(page, "Users active")).to_contain_text("no source of names yet")


def test_an_alert_leads_to_its_flows_page_by_page(visit: Visit) -> None:
    page = visit.open(QUARTER)
    page.get_by_role("link", name="See the flows behind it").click()
    expect(page).to_have_url(re.compile("/flows\\?filter="))
    expect(page.get_by_label("Active filters")).to_contain_text("src_addr = 10.0.0.66")
    expect(rows(page, "In order of time")).to_have_count(100)
    expect(rows(page, "In order of time").first).to_contain_text("10.0.0.66")
    pages = page.get_by_role("navigation", name="Pages of this list")
    expect(pages).to_contain_text("The first 100 of 120")
    first = rows(page, "In order of time").all_inner_texts()
    pages.get_by_role("button", name="Next page").click()
    expect(rows(page, "In order of time")).to_have_count(20)
    expect(page).to_have_url(re.compile("[?&]cursor="))
    assert len({*first, *rows(page, "In order of time").all_inner_texts()}) == 120
    page.reload()
    expect(rows(page, "In order of time")).to_have_count(20)
    pages.get_by_role("button", name="First page").click()
    expect(rows(page, "In order of time")).to_have_count(100)


def test_a_finding_is_muted_and_told_again(visit: Visit) -> None:
    page = visit.open(QUARTER)
    attention = panel(page, "Needs attention")
    attention.get_by_role("button", name="Mute…").click()
    page.get_by_role("menuitem", name="“Possible scan” by 10.0.0.66, for a week").click()
    expect(attention).to_contain_text("Nothing else strange seen in this range")
    expect(tile(page, "Alerts")).to_contain_text("0")
    attention.get_by_role("button", name="Show 1 muted").click()
    expect(attention).to_contain_text("tried 120 ports of 10.0.0.5")
    attention.get_by_role("button", name="Tell again").click()
    expect(attention.get_by_role("button", name="Mute…")).to_be_visible()
    expect(tile(page, "Alerts")).to_contain_text("1 high")
    assert visit.complaints == []


def test_nothing_matches_and_the_way_back_is_offered(visit: Visit) -> None:
    page = visit.open(f"{QUARTER}&filter=host+192.0.2.99")
    expect(panel(page, "Traffic")).to_contain_text("0 of 240 flows match in this range")
    page.get_by_role("button", name="Drop the filter").click()
    expect(page.locator(".chart canvas")).to_be_visible()


def test_an_empty_range_leads_to_the_data(visit: Visit) -> None:
    page = visit.open("/?since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z")
    expect(panel(page, "Traffic")).to_contain_text("No flow between 1 Jan")
    page.get_by_role("button", name="Go there").click()
    expect(page.locator(".chart canvas")).to_be_visible()


def test_the_chart_is_read_by_keyboard_and_zoomed_by_dragging(visit: Visit) -> None:
    page = visit.open(QUARTER)
    expect(page.locator(".chart canvas")).to_be_visible()
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(r"1 Jan, 12:\d\d:\d\d . 12:\d\d:\d\d: .* [kM]?b/s")
    )
    box = page.get_by_role("slider").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 80)
    expect(page.locator(".readout")).to_contain_text("Total")
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 80, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"since=2026-01-01T12:0\d:\d\dZ&until=2026-01-01T12:\d\d:\d\dZ"))


def test_new_flows_appear_by_themselves_unless_paused(own_visit: Visit, own_lake: Lake) -> None:
    page = own_visit.open("/flows?since=now-15m&filter=site+=+news.example")
    expect(page.get_by_role("button", name="Live")).to_be_visible()
    life = {"start": NOW - 60 * SECOND, "end": NOW - 30 * SECOND}
    newcomer = {**office_flows()[0], **life, "site": "news.example", "bytes": 90_000_000}
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Paused")).to_be_visible()
    add_segment(own_lake, "flows", [newcomer])
    page.wait_for_timeout(4000)
    expect(rows(page, "In order of time")).to_have_count(0)
    page.keyboard.press("p")
    expect(rows(page, "In order of time").filter(has_text="news.example")).to_have_count(1)


def test_a_comparison_shows_on_every_number(visit: Visit) -> None:
    page = visit.open("/?since=now-5m")
    page.get_by_label("Compare with").select_option("previous")
    expect(page).to_have_url(re.compile("compare=previous"))
    expect(rows(page, "Top users").first).to_contain_text(re.compile("[0-9] %|same|new|none"))
    expect(panel(page, "Top services").get_by_role("columnheader", name="Change")).to_be_visible()
