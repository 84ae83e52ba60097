"""A visit: one person's tab, and how a test finds its way about in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, ViewportSize, expect

PATIENCE_MILLISECONDS = 30_000
"""For a machine that does much else; what never comes fails all the same."""
WIDTH, HEIGHT = 1400, 1000


@contextmanager
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """A window of a browser. Nothing in it moves: without a graphics card, drawing that takes longest."""
    context = chromium.new_context(
        viewport=ViewportSize(width=WIDTH, height=HEIGHT),
        color_scheme="light",
        reduced_motion="reduce",
        timezone_id="UTC",
    )
    yield context
    context.close()


class Visit:
    """One tab, and everything it complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str = "/") -> Page:
        """Go there, and wait until every panel has its answer."""
        self.page.goto(self.address + path)
        self.page.get_by_role("heading").first.wait_for(state="attached")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until nothing is being asked any more."""
        settle(self.page)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def settle(page: Page) -> None:
    """Wait until a page asks nothing any more."""
    page.get_by_role("heading").first.wait_for(state="attached")
    expect(page.locator("[aria-busy=true], .progress.on, .as-of")).to_have_count(0)


def follow(link: Locator) -> Page:
    """Press a link so that it opens beside this page, which stays as it is for whoever needs it next."""
    with link.page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    settle(opened.value)
    return opened.value


def panel(page: Page, title: str) -> Locator:
    """The card of this title."""
    return page.get_by_role("region", name=title, exact=True)


def rows(page: Page, title: str) -> Locator:
    """The lines of the table in the card of this title."""
    return panel(page, title).locator("tbody tr")


def tile(page: Page, name: str) -> Locator:
    """The tile of this name at the top of the overview."""
    return page.locator(".tile", has=page.get_by_text(name, exact=True)).locator("dd")
