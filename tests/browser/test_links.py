"""Links: how full, and nothing made up where nothing was measured."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.small_office import NOW
from tests.browser.visit import Visit, panel, rows
from tests.names.told import packed
from tests.sample_lake import NOON, SECOND
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.store.interface_samples import append
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.browser


def test_the_fullest_comes_first_and_nothing_is_made_up(visit: Visit) -> None:
    page = visit.open("/links?since=now-15m")
    first = rows(page, "By interface").first
    expect(first).to_contain_text("Internet")
    expect(first).to_contain_text("1.00 Mb/s")
    expect(first).to_contain_text(re.compile(r"\d+ %"))
    expect(first.get_by_text("not measured")).to_have_count(4)
    page.get_by_role("link", name="Internet").click()
    expect(page).to_have_url(re.compile("/links/192.0.2.1/2"))
    expect(panel(page, "Utilisation").locator(".chart canvas")).to_be_visible()
    expect(panel(page, "This link")).to_contain_text("Capacity")
    expect(rows(page, "Utilisation").filter(has_text="In")).to_contain_text("MB")
    assert visit.complaints == []


def test_how_much_of_what_an_interface_counted_flows_tell(own_visit: Visit, own_lake: Lake) -> None:
    readings = [
        InterfaceSample(
            received=NOON + minute * 60 * SECOND, exporter=packed("192.0.2.1"), interface=2, source="snmp",
            counting_since=NOON - SECOND, counter_bits=64, octets_in=minute * 10_000_000, octets_out=0,
            packets_in=minute * 10_000, packets_out=0, speed=10_000_000,
        )
        for minute in range(16)
    ]  # fmt: skip
    append(own_lake, readings, NOW)
    page = own_visit.open("/links?since=now-15m")
    first = rows(page, "By interface").first
    expect(first).to_contain_text(re.compile(r"\d+ % in"))
    expect(first.get_by_text("not measured")).to_have_count(3)
    page.get_by_role("link", name="Internet").click()
    expect(panel(page, "This link")).to_contain_text("of what the interface counted")
    expect(panel(page, "This link")).to_contain_text("would be 98 to 99 % in")
    assert own_visit.complaints == []


def test_without_a_capacity_rates_stand_alone(own_visit: Visit, own_lake: Lake) -> None:
    (own_lake.path / "links.toml").unlink()
    page = own_visit.open("/links?since=now-15m")
    expect(panel(page, "By interface")).to_contain_text("No capacity is known")
    expect(rows(page, "By interface").first).to_contain_text("b/s")
