"""Clocks: which is wrong, how that is known, and what it does to flows."""

from __future__ import annotations

import re

import msgspec
import pytest
from playwright.sync_api import expect

from tests.analysis.test_time_service import asker, keep, record
from tests.browser.small_office import NOW
from tests.browser.visit import Visit, panel, rows, tile
from tests.sample_lake import SECOND
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.clock_judgement import ClockJudgement
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import JudgementWriter

pytestmark = pytest.mark.browser


def test_the_clock_that_is_furthest_off_comes_first(visit: Visit) -> None:
    page = visit.open("/?since=now-15m")
    tile(page, "Clocks off").get_by_role("link").click()
    expect(page).to_have_url(re.compile("/clocks"))
    first, second = rows(page, "By exporter").nth(0), rows(page, "By exporter").nth(1)
    expect(first).to_contain_text("192.0.2.2")
    expect(first).to_contain_text(re.compile(r"about \d+ s fast"))
    expect(first).to_contain_text(re.compile(r"times are \d+ s too late"))
    expect(second).to_contain_text("times are as told")
    expect(panel(page, "By exporter")).to_contain_text("Assumed: delay at most 250 ms")
    assert visit.complaints == []


def test_without_a_judgement_of_our_own_clock_the_page_says_so(visit: Visit) -> None:
    page = visit.open("/clocks?since=now-15m")
    expect(panel(page, "The collector's own clock")).to_contain_text("Nobody watched this machine's clock")


def test_how_right_our_own_clock_was_stands_beside(own_visit: Visit, own_lake: Lake) -> None:
    writer = JudgementWriter(own_lake)
    for minute in range(-20, 1, 10):
        at = NOW + minute * 60 * SECOND
        writer.append(ClockJudgement(at=at, judge="kernel", low=-3_200_000, high=3_200_000))
    page = own_visit.open("/clocks?since=now-15m")
    own = panel(page, "The collector's own clock")
    expect(own).to_contain_text(re.compile(r"within \d\.\d ms \(kernel\)"))
    assert own_visit.complaints == []


def test_who_is_in_sync_is_told_by_device(own_visit: Visit, own_lake: Lake) -> None:
    kept = record(asker("10.0.0.1", offset=300.0), asker("10.9.9.9"), addresses=("10.0.0.53",))
    keep(own_lake, msgspec.structs.replace(kept, written=text_from_instant(NOW)))
    page = own_visit.open("/clocks?since=now-15m")
    first = rows(page, "Who is in sync").nth(0)
    expect(first).to_contain_text("ann-laptop")
    expect(first).to_contain_text("300 s fast")
    expect(first).to_contain_text("our own server, 10.0.0.53")
    expect(panel(page, "Who is in sync")).to_contain_text("1 off")
    expect(panel(page, "Who is in sync")).to_contain_text("not known: it asks nobody")
    expect(panel(page, "The collector's own clock")).to_contain_text(
        "NTP server at udp://0.0.0.0:123: serving"
    )
    assert own_visit.complaints == []
