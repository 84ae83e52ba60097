"""Users and hosts: who is there, and everything one of them did."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit, panel, rows

pytestmark = pytest.mark.browser


GROUPS = (("Machine", "ben-laptop"), ("Host", "203.0.113.9"), ("Team", "sales"))


def test_everybody_is_listed_with_what_they_did_and_found_as_their_name_is_typed(visit: Visit) -> None:
    page = visit.open("/users?since=now-15m")
    lines = rows(page, "By user")
    expect(lines).to_have_count(3)
    ben = lines.filter(has=page.get_by_role("link", name="Ben", exact=True))
    expect(ben).to_contain_text("inventory")
    expect(ben).to_contain_text("Dropbox")
    expect(ben.locator("svg.sparkline")).to_be_visible()
    page.get_by_role("searchbox", name="Find a name").fill("an")
    expect(lines).to_have_count(1)
    expect(lines.first).to_contain_text("Ann")
    assert visit.complaints == []


def test_they_are_grouped_and_sorted_another_way(visit: Visit) -> None:
    page = visit.open("/users?since=now-15m&filter=user+!=+null")
    heading = page.get_by_role("columnheader", name="User")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    heading.get_by_role("button").click()
    expect(page).to_have_url(re.compile("order=user:asc"))
    expect(rows(page, "By user").first).to_contain_text("Ann")
    for group, first in GROUPS:
        page.get_by_role("group", name="Group by").get_by_role("button", name=group).click()
        expect(rows(page, f"By {group.lower()}").first).to_contain_text(first)


def test_the_page_of_a_person(visit: Visit) -> None:
    page = visit.open("/users/Ann?since=now-15m")
    expect(page.get_by_role("heading", name="Ann", exact=True)).to_be_visible()
    expect(panel(page, "In words")).to_contain_text("Ann watched YouTube for")
    expect(rows(page, "Sessions").first).to_contain_text("YouTube")
    expect(rows(page, "Sites").first).to_contain_text("www.youtube.com")
    expect(panel(page, "Traffic").locator(".chart canvas")).to_be_visible()
    expect(panel(page, "Active when").get_by_role("cell", name=re.compile("[kM]B")).first).to_be_attached()
    assert visit.complaints == []


def test_the_page_of_a_host(visit: Visit) -> None:
    page = visit.open("/hosts/2001:db8::53?since=now-15m")
    expect(page.get_by_role("heading", name="2001:db8::53", exact=True)).to_be_visible()
    expect(rows(page, "Sessions").first).to_be_visible()


def test_who_did_nothing_is_told_so(visit: Visit) -> None:
    page = visit.open("/users/Nobody?since=now-15m")
    expect(panel(page, "In words")).to_contain_text("Nothing seen of Nobody in this range")
