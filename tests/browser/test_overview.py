"""The page in a real browser: what a person sees, presses and types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NOW, Visit, office_flows
from tests.sample_lake import SECOND, add_segment
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
LEAST_TEXT_CONTRAST = 4.5
DARK = {"scheme": "dark"}
PHONE = {"width": 390}


def panel(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title)


def tile(page: Page, name: str) -> str:
    return page.locator(".tile", has_text=name).locator("dd").inner_text()


def test_the_day_at_a_glance(visit: Visit) -> None:
    page = visit.open()
    expect(panel(page, "Exporters and their clocks")).to_contain_text("about 300 s fast")
    expect(panel(page, "Exporters and their clocks")).to_contain_text("receiving")
    expect(panel(page, "Needs attention")).to_contain_text("10.0.0.66 tried 120 ports of 10.0.0.5")
    expect(page.get_by_label("Data quality")).to_contain_text("The clock of 192.0.2.2 is about 300 s fast")
    expect(page.locator(".chart canvas")).to_be_visible()
    assert "2 up" in tile(page, "Exporters")
    assert "1 of 2" in tile(page, "Clocks off")
    assert "1 high" in tile(page, "Alerts")
    assert visit.complaints == []


def test_the_numbers_are_those_of_the_command_line(visit: Visit, lake: Lake) -> None:
    page = visit.open("/?from=now-15m&to=now&top=src_addr")
    rows = panel(page, "Top talkers").locator("tbody tr")
    answer = top(lake, Query(by=("src_addr",), since="now-15m", until="now"), NOW)
    expect(rows).to_have_count(len(answer.data))
    assert [row.split()[0] for row in rows.all_inner_texts()] == [row["src_addr"] for row in answer.data]
    megabytes = answer.data[0]["bytes"] / 1e6
    expect(rows.first).to_contain_text(f"{megabytes:.1f} MB")


def test_pressing_a_value_narrows_the_page_and_its_address(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("button", name="10.0.0.8", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?v=1&q=addr\+=\+10\.0\.0\.8&from=now-15m&to=now$"))
    expect(panel(page, "Top talkers").locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Remove filter addr = 10.0.0.8").click()
    expect(panel(page, "Top talkers").locator("tbody tr")).to_have_count(10)
    page.go_back()
    expect(page.get_by_label("Active filters")).to_contain_text("addr = 10.0.0.8")


def test_a_link_is_the_whole_view(visit: Visit) -> None:
    page = visit.open("/?v=1&q=proto+udp&from=2026-01-01T12:00:00Z&to=2026-01-01T12:10:00Z&by=exporter")
    expect(page.get_by_role("textbox", name="Filter")).to_have_value("proto udp")
    expect(page.get_by_role("button", name=re.compile("1 Jan, 12:00:00 . 12:10:00"))).to_be_visible()
    expect(panel(page, "Traffic").get_by_role("button", name="Exporter", pressed=True)).to_be_visible()
    expect(page.get_by_role("button", name="Past")).to_be_visible()


def test_a_wrong_filter_points_at_its_column(visit: Visit) -> None:
    page = visit.open()
    page.keyboard.press("/")
    page.keyboard.type("src prot 443")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("found 'prot'")
    assert alert.locator("pre").inner_text() == "src prot 443\n    ^"
    page.get_by_role("textbox", name="Filter").fill("src port 443")
    page.keyboard.press("Enter")
    expect(alert).to_have_count(0)
    expect(panel(page, "Top talkers").locator("tbody tr").first).to_be_visible()


def test_nothing_matches_and_the_way_back_is_offered(visit: Visit) -> None:
    page = visit.open("/?q=host+192.0.2.99")
    expect(panel(page, "Traffic")).to_contain_text("0 of 240 flows match in this range")
    page.get_by_role("button", name="Drop the filter").click()
    expect(page.locator(".chart canvas")).to_be_visible()


def test_an_empty_range_leads_to_the_data(visit: Visit) -> None:
    page = visit.open("/?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")
    expect(panel(page, "Traffic")).to_contain_text("No flow between 1 Jan")
    page.get_by_role("button", name="Go there").click()
    expect(page.locator(".chart canvas")).to_be_visible()


def test_dragging_zooms(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator(".chart canvas")).to_be_visible()
    box = page.get_by_role("slider").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 80)
    expect(page.locator(".readout")).to_contain_text("Total")
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 80, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=2026-01-01T12:0\d:\d\dZ&to=2026-01-01T12:\d\d:\d\dZ"))


def test_the_chart_can_be_read_by_keyboard(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator(".chart canvas")).to_be_visible()
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(r"1 Jan, 12:\d\d:\d\d . 12:\d\d:\d\d: .* [kM]?b/s")
    )


def test_new_flows_appear_by_themselves_unless_paused(visit: Visit, lake: Lake) -> None:
    page = visit.open()
    expect(page.get_by_role("button", name="Live")).to_be_visible()
    life = {"start": NOW - 60 * SECOND, "end": NOW - 30 * SECOND}
    newcomer = {**office_flows()[0], **life, "src_addr": "198.51.100.77", "bytes": 90_000_000}
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Paused")).to_be_visible()
    add_segment(lake, "flows", [newcomer])
    page.wait_for_timeout(4000)
    expect(page.get_by_role("button", name="198.51.100.77")).to_have_count(0)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="198.51.100.77")).to_be_visible(timeout=10_000)


def test_the_theme_is_chosen_and_kept(visit: Visit) -> None:
    page = visit.open()
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
    page = visit.open()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Help")).to_have_count(0)


def test_an_alert_leads_to_its_flows(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("button", name="See the flows behind it").click()
    expect(page.get_by_label("Active filters")).to_contain_text("src_addr = 10.0.0.66")
    expect(page.locator(".tile", has_text="Flows")).to_contain_text("120")


@pytest.mark.parametrize(
    "visit", [PHONE, PHONE | DARK, {"width": 820}, {"width": 1280}, {"width": 1920}], indirect=True
)
def test_no_width_scrolls_sideways(visit: Visit) -> None:
    page = visit.open("/?q=not+src+host+2001:db8:1234:5678:9abc:def0:1234:5678+and+protocol+=+6")
    expect(page.locator(".chart canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("visit", [{}, DARK, PHONE, PHONE | DARK], indirect=True)
def test_text_stands_out(visit: Visit) -> None:
    page = visit.open("/?q=protocol+=+6")
    expect(panel(page, "Needs attention")).to_contain_text("tried 120 ports")
    assert page.evaluate(CONTRAST, LEAST_TEXT_CONTRAST) == []


@pytest.mark.parametrize("visit", [{}, PHONE], indirect=True)
def test_every_control_has_a_name_and_room_for_a_finger(visit: Visit) -> None:
    page = visit.open("/?q=protocol+=+6")
    expect(panel(page, "Top talkers").locator("tbody tr").first).to_be_visible()
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    controls = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree["nodes"]
        if not node["ignored"] and node["role"]["value"] in {"button", "textbox", "link", "slider", "region"}
    ]
    assert len(controls) > 20
    assert [role for role, name in controls if not name.strip()] == []
    heights = page.locator("button:visible").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(heights) >= 24
