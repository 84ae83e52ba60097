"""The manager's questions about the simulated office, answered from the pages alone by pressing things."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import serving
from tests.browser.visit import Visit, follow, panel, rows, settle, tile, window
from tests.office_day import END, MIDNIGHT, OfficeDay, office_day
from tidegauge.analysis.reports.figure import figure
from tidegauge.cli.main import group
from tidegauge.clock.instant_text import text_from_instant

pytestmark = pytest.mark.browser

DAY = f"since={text_from_instant(MIDNIGHT)[:19]}Z&until={text_from_instant(END)[:19]}Z"
MONTH = 30 * 86_400 * 10**9
LINKS = """
[Internet]
exporter = "127.0.0.11"
interface = 2
capacity_in = "50M"
capacity_out = "10M"
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> OfficeDay:
    played = office_day(tmp_path_factory.mktemp("office"))
    (played.lake.path / "links.toml").write_text(LINKS)
    return played


@pytest.fixture(scope="module")
def own_window(chromium: Browser) -> Iterator[BrowserContext]:
    with window(chromium) as context:
        yield context


@pytest.fixture(scope="module")
def visit(own_window: BrowserContext, day: OfficeDay) -> Iterator[Visit]:
    """The overview of the day, which stays open while each question is followed beside it."""
    with serving(day.lake, END) as address, Visit(own_window, address) as visit:
        visit.open(f"/?{DAY}")
        yield visit
        assert visit.complaints == []


@pytest.fixture(scope="module")
def front(visit: Visit) -> Page:
    return visit.page


@pytest.fixture(scope="module")
def links(front: Page) -> Page:
    return follow(tile(front, "Worst link").get_by_role("link"))


@pytest.fixture(scope="module")
def people(front: Page) -> Page:
    return follow(front.get_by_role("navigation").get_by_role("link", name="Users & hosts"))


@pytest.fixture(autouse=True)
def tidied(front: Page, links: Page, people: Page) -> Iterator[None]:
    """Close what a test opened: a browser keeps six connections to one server, and each tab holds one."""
    yield
    for page in front.context.pages:
        if page not in (front, links, people):
            page.close()


def command_text(day: OfficeDay, *words: str) -> str:
    """What the command line prints of the same lake."""
    result = CliRunner().invoke(group, [words[0], "--lake", str(day.lake.path), *words[1:]])
    assert result.exit_code == 0, result.output
    return result.stdout


def command_rows(day: OfficeDay, *words: str) -> list[dict[str, Any]]:
    """What the command line says of the same day."""
    since, until = text_from_instant(MIDNIGHT), text_from_instant(END)
    options = ["--format", "json", "--since", since, "--until", until]
    found: list[dict[str, Any]] = json.loads(command_text(day, words[0], *options, *words[1:]))
    return found


def link_of(day: OfficeDay) -> dict[str, Any]:
    return next(row for row in command_rows(day, "links") if row["link"] == "Internet")


def volume(amount: int) -> str:
    """Bytes as the page writes them: three digits."""
    size, prefix = float(amount), 0
    while size >= 999.5:
        size, prefix = size / 1000, prefix + 1
    digits = 0 if prefix == 0 or size >= 99.5 else 1 if size >= 9.95 else 2
    return f"{size:.{digits}f} {['', 'k', 'M', 'G', 'T'][prefix]}B"


def named(day: OfficeDay, field: str) -> list[dict[str, Any]]:
    """What a field's values moved, the most first, as the command line says."""
    return [row for row in command_rows(day, "top", field, "--limit", "0") if row[field]]


def test_who_uses_the_most(front: Page, day: OfficeDay) -> None:
    users = named(day, "user")
    expect(rows(front, "Top users").first).to_contain_text(users[0]["user"])
    expect(rows(front, "Top users").first).to_contain_text(volume(users[0]["bytes"]))
    expect(tile(front, "Users active")).to_contain_text(f"{len(users)}")


def test_what_sites_and_applications(front: Page, day: OfficeDay) -> None:
    for title, field in (("Top services", "service"), ("Top sites", "site")):
        found = named(day, field)
        for line, row in zip(rows(front, title).all_inner_texts()[:3], found, strict=False):
            assert row[field] in line
            assert volume(row["bytes"]) in line
    expect(rows(front, "Top sites").first).to_contain_text("dns")


def test_who_used_what(front: Page, day: OfficeDay) -> None:
    pairs = [
        row
        for row in command_rows(day, "top", "user,category", "--limit", "0")
        if row["user"] and row["category"]
    ]
    most = max(pairs, key=lambda row: row["bytes"])
    cell = f"{most['user']}, {most['category'].capitalize()}: {volume(most['bytes'])}"
    expect(panel(front, "Who used what").get_by_role("button", name=cell)).to_be_visible()


def test_anything_strange_at_night(front: Page) -> None:
    # At three; edge2, which saw it, told five minutes past, and its times are right to some milliseconds.
    at_three = re.compile("02:59|03:00")
    night = panel(front, "Needs attention").get_by_role("listitem").filter(has_text=at_three)
    expect(night).to_contain_text("high")
    expect(night).to_contain_text("tried 12 ports of 250 addresses")
    flows = follow(night.get_by_role("link", name="See the flows behind it"))
    first = rows(flows, "In order of time").first
    expect(first).to_contain_text(re.compile("02:59:59|03:00:00"))
    expect(first).to_contain_text("192.168.10.200")


def test_how_much_streaming(front: Page, day: OfficeDay) -> None:
    found = {row["category"]: row["bytes"] for row in command_rows(day, "top", "category", "--limit", "0")}
    leisure = found["streaming"] + found.get("downloads", 0)
    share = round(100 * leisure / sum(found.values()))
    expect(tile(front, "Streaming + downloads")).to_contain_text(f"{share} %")
    expect(tile(front, "Streaming + downloads")).to_contain_text(volume(leisure))
    closer = follow(tile(front, "Streaming + downloads").get_by_role("link"))
    expect(rows(closer, "Top services").first).to_contain_text(re.compile("Netflix|YouTube"))


def test_which_clocks_are_wrong(front: Page, day: OfficeDay) -> None:
    [wrong] = (row for row in command_rows(day, "clocks") if (row["offset_low"] or 0) > 1)
    expect(tile(front, "Clocks off")).to_contain_text("1 of 2")
    line = rows(front, "Exporters and their clocks").filter(has_text="fast")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(wrong["exporter"])
    expect(line).to_contain_text(f"about {wrong['offset_seconds']:.0f} s fast")


def test_which_links_are_full(links: Page, day: OfficeDay) -> None:
    first = rows(links, "By interface").first
    internet = link_of(day)
    expect(first).to_contain_text("Internet")
    expect(first).to_contain_text(f"{round(100 * internet['out_p95_bps'] / internet['capacity_out'])} %")


def test_how_slow_and_lossy_links_are(links: Page, day: OfficeDay) -> None:
    """These routers measure none of it, and the page says that and no zero."""
    internet = link_of(day)
    assert [internet[name] for name in ("rtt_p50", "retransmit_share", "loss")] == [None, None, None]
    expect(rows(links, "By interface").first.get_by_text("not measured")).to_have_count(4)
    for name in ("Round trip", "Sent again", "Loss"):
        expect(links.get_by_role("columnheader", name=name)).to_be_visible()


def test_a_links_chart_adds_up_to_what_the_command_says(links: Page, day: OfficeDay) -> None:
    link = follow(links.get_by_role("link", name="Internet"))
    for direction in ("in", "out"):
        line = rows(link, "Utilisation").filter(has_text=re.compile(f"^{direction}", re.IGNORECASE))
        expect(line).to_contain_text(f"{link_of(day)[f'bytes_{direction}'] / 1e9:.1f} GB")


def test_every_number_of_the_roster_is_the_commands(people: Page, day: OfficeDay) -> None:
    answered = command_rows(day, "top", "user", "--limit", "100")
    expect(rows(people, "By user")).to_have_count(len(answered))
    for line, row in zip(rows(people, "By user").all_inner_texts(), answered, strict=True):
        assert (row["user"] or "Not known") in line
        assert f"{row['flows']:,}" in line


def test_what_did_john_do_and_in_which_order(people: Page, day: OfficeDay) -> None:
    john = follow(people.get_by_role("link", name="John", exact=True))
    expect(panel(john, "In words")).to_contain_text("John watched YouTube for 30 minutes, 500 MB.")
    expect(panel(john, "In words")).to_contain_text("4 Oct, 10:30 to 11:00")
    john.get_by_role("button", name="Timeline").click()
    settle(john)
    address = john.get_by_label("Address").input_value()
    john.get_by_role("group", name="Kind").get_by_role("button", name="DNS").click()
    expect(john).to_have_url(re.compile("part=timeline&kind=dns"))
    settle(john)
    told = command_rows(day, "timeline", address, "user John", "--having", "kind = dns")
    expect(rows(john, "Timeline")).to_have_count(len(told))
    for line, row in zip(rows(john, "Timeline").all_inner_texts(), told, strict=True):
        assert row["text"] in line
        assert row["time"][11:23] in line


def test_what_did_sarah_send(people: Page) -> None:
    sarah = follow(people.get_by_role("link", name="Sarah", exact=True))
    expect(panel(sarah, "Sessions")).to_contain_text("at least so many mails")


def test_how_much_did_alex_fetch(front: Page) -> None:
    alex = follow(front.get_by_role("link", name="Open the page of Alex"))
    expect(panel(alex, "In words")).to_contain_text("Alex downloaded 2.0 GB from Dropbox in 6 minutes.")


def test_what_last_month_came_to_and_how_the_boss_gets_it(own_window: BrowserContext, day: OfficeDay) -> None:
    month = ("--since", "2024-10-01", "--until", "2024-11-01")
    with serving(day.lake, END + MONTH) as address, Visit(own_window, address) as visit:
        page = visit.open("/?since=now-15m")
        page.get_by_role("navigation").get_by_role("link", name="Reports").click()
        page.get_by_role("button", name="Preview 95th percentile").click()
        settle(page)
        report = page.frame_locator("iframe").locator("body")
        expect(report).to_contain_text("01 October to Thursday 31 October 2024, UTC")
        for row in json.loads(command_text(day, "billing", "--format", "json", *month)):
            ends = re.escape(f"{row['exporter']} {row['interface']} ")
            line = report.get_by_role("row", name=re.compile(f"^{ends}"))
            expect(line).to_contain_text(figure(row["higher_bps"], "bits per second", "uint64"))
        with page.expect_download() as download:
            page.get_by_role("link", name="95th percentile as CSV").click()
        kept = download.value.path().read_text().splitlines()
        printed = command_text(day, "billing", "--format", "csv", *month).splitlines()
        assert kept[1 : 1 + len(printed)] == printed
        expect(page.get_by_text("tidegauge report billing --mail boss@example.com")).to_be_visible()
        assert visit.complaints == []
