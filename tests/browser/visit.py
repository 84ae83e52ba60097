"""A visit: one person's browser window, and how a test finds its way about in it."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

PATIENCE_MILLISECONDS = 30_000
"""For a machine that does much else; what never comes fails all the same."""

Scheme = Literal["light", "dark"]


class Visit:
    """One visitor's page, and everything it complained about."""

    def __init__(self, chromium: Browser, address: str, width: int = 1400, scheme: Scheme = "light") -> None:
        viewport = ViewportSize(width=width, height=1000)
        self._context = chromium.new_context(viewport=viewport, color_scheme=scheme, timezone_id="UTC")
        self.page: Page = self._context.new_page()
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
        expect(self.page.locator("[aria-busy=true], .progress.on")).to_have_count(0)

    def close(self) -> None:
        self._context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def panel(page: Page, title: str) -> Locator:
    """The card of this title."""
    return page.get_by_role("region", name=title, exact=True)


def rows(page: Page, title: str) -> Locator:
    """The lines of the table in the card of this title."""
    return panel(page, title).locator("tbody tr")


def tile(page: Page, name: str) -> Locator:
    """The tile of this name at the top of the overview."""
    return page.locator(".tile", has=page.get_by_text(name, exact=True)).locator("dd")
