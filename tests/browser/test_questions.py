"""The manager's questions about the simulated office, answered from the pages alone by pressing things."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from tests.browser.visit import Visit, panel, rows, tile
from tests.office_day import END, MIDNIGHT, OfficeDay, office_day
from tidegauge.cli.main import group
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.web.application import create_application
from tidegauge.web.server import Server

pytestmark = pytest.mark.browser

DAY = f"since={text_from_instant(MIDNIGHT)[:19]}Z&until={text_from_instant(END)[:19]}Z"
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
def address(day: OfficeDay) -> Iterator[str]:
    server = Server(create_application(day.lake.path, clock=lambda: END), "127.0.0.1", 0)
    server.start()
    yield server.address
    server.stop()


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    visit = Visit(chromium, address)
    yield visit
    assert visit.complaints == []
    visit.close()


def command_rows(day: OfficeDay, *words: str) -> list[dict[str, Any]]:
    """What the command line says of the same day."""
    since, until = text_from_instant(MIDNIGHT), text_from_instant(END)
    options = ["--lake", str(day.lake.path), "--format", "json", "--since", since, "--until", until]
    result = CliRunner().invoke(group, [words[0], *options, *words[1:]])
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def megabytes(amount: int) -> str:
    return f"{amount / 1e6:.0f} MB" if amount < 1e9 else f"{amount / 1e9:.2f} GB"


def test_who_uses_the_most(visit: Visit, day: OfficeDay) -> None:
    page = visit.open(f"/?{DAY}")
    named = [row for row in command_rows(day, "top", "user", "--limit", "0") if row["user"]]
    expect(rows(page, "Top users").first).to_contain_text(named[0]["user"])
    expect(rows(page, "Top users").first).to_contain_text(megabytes(named[0]["bytes"]))
    expect(tile(page, "Users active")).to_contain_text(f"{len(named)}")


def test_what_did_john_do(visit: Visit) -> None:
    page = visit.open(f"/?{DAY}")
    page.get_by_role("navigation").get_by_role("link", name="Users & hosts").click()
    page.get_by_role("link", name="John", exact=True).click()
    expect(panel(page, "In words")).to_contain_text("John watched YouTube for 30 minutes, 500 MB.")
    expect(panel(page, "In words")).to_contain_text("4 Oct, 10:30 to 11:00")


def test_what_did_sarah_send(visit: Visit) -> None:
    page = visit.open(f"/users/Sarah?{DAY}")
    expect(panel(page, "Sessions")).to_contain_text("at least so many mails")


def test_how_much_did_alex_fetch(visit: Visit) -> None:
    page = visit.open(f"/?{DAY}")
    page.get_by_role("link", name="Open the page of Alex").click()
    expect(panel(page, "In words")).to_contain_text("Alex downloaded 2.0 GB from Dropbox in 6 minutes.")


def test_anything_strange_at_night(visit: Visit) -> None:
    page = visit.open(f"/?{DAY}")
    night = panel(page, "Needs attention").get_by_role("listitem").filter(has_text="03:05")
    expect(night).to_contain_text("high")
    expect(night).to_contain_text("tried 12 ports of 250 addresses")
    night.get_by_role("link", name="See the flows behind it").click()
    first = rows(page, "In order of time").first
    expect(first).to_contain_text("03:05:00")
    expect(first).to_contain_text("192.168.10.200")


def test_how_much_streaming(visit: Visit, day: OfficeDay) -> None:
    page = visit.open(f"/?{DAY}")
    found = {row["category"]: row["bytes"] for row in command_rows(day, "top", "category", "--limit", "0")}
    leisure = found["streaming"] + found.get("downloads", 0)
    share = round(100 * leisure / sum(found.values()))
    expect(tile(page, "Streaming + downloads")).to_contain_text(f"{share} %")
    expect(tile(page, "Streaming + downloads")).to_contain_text(megabytes(leisure))
    tile(page, "Streaming + downloads").get_by_role("link").click()
    expect(rows(page, "Top services").first).to_contain_text(re.compile("Netflix|YouTube"))


def test_which_clocks_are_wrong(visit: Visit) -> None:
    page = visit.open(f"/?{DAY}")
    expect(tile(page, "Clocks off")).to_contain_text("1 of 2")
    wrong = rows(page, "Exporters and their clocks").filter(has_text="fast")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("127.0.0.12")
    expect(wrong).to_contain_text(re.compile("about 30[01] s fast"))


def test_which_links_are_full(visit: Visit, day: OfficeDay) -> None:
    page = visit.open(f"/?{DAY}")
    tile(page, "Worst link").get_by_role("link").click()
    first = rows(page, "By interface").first
    internet = next(row for row in command_rows(day, "links") if row["link"] == "Internet")
    expect(first).to_contain_text("Internet")
    expect(first).to_contain_text(f"{round(100 * internet['out_p95_bps'] / internet['capacity_out'])} %")


def test_a_links_chart_adds_up_to_what_the_command_says(visit: Visit, day: OfficeDay) -> None:
    page = visit.open(f"/links/127.0.0.11/2?{DAY}")
    internet = next(row for row in command_rows(day, "links") if row["link"] == "Internet")
    for direction in ("in", "out"):
        line = rows(page, "Utilisation").filter(has_text=re.compile(f"^{direction}", re.IGNORECASE))
        expect(line).to_contain_text(f"{internet[f'bytes_{direction}'] / 1e9:.1f} GB")


def test_every_number_of_the_roster_is_the_commands(visit: Visit, day: OfficeDay) -> None:
    page = visit.open(f"/users?{DAY}")
    answered = command_rows(day, "top", "user", "--limit", "100")
    expect(rows(page, "By user")).to_have_count(len(answered))
    for line, row in zip(rows(page, "By user").all_inner_texts(), answered, strict=True):
        assert (row["user"] or "Not known") in line
        assert f"{row['flows']:,}" in line
