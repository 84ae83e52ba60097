"""A real browser before the real page.

Opening a page is what costs, so what can be shared is: one browser and one office that nobody changes for all
tests, and one browser window whose tabs find the page's code in its cache.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.small_office import NOW, small_office
from tests.browser.visit import PATIENCE_MILLISECONDS, Visit, window
from tidegauge.store.lake import Lake
from tidegauge.web.application import create_application
from tidegauge.web.server import Server

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@contextmanager
def serving(lake: Lake, now: int) -> Iterator[str]:
    """The address of a server over a lake, at a fixed time."""
    server = Server(create_application(lake.path, clock=lambda: now), "127.0.0.1", 0)
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small office, which nobody may change."""
    with serving(small_office(tmp_path_factory.mktemp("office") / "lake"), NOW) as address:
        yield address


# Not for the whole session: playwright keeps an event loop running in this thread; others want their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Debian's own browser: playwright's download is not needed. No sandbox, since root has none.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared_window(chromium: Browser) -> Iterator[BrowserContext]:
    with window(chromium) as context:
        yield context


@pytest.fixture
def visit(shared_window: BrowserContext, address: str) -> Iterator[Visit]:
    with Visit(shared_window, address) as visit:
        yield visit


@pytest.fixture
def own_window(chromium: Browser) -> Iterator[BrowserContext]:
    """A window whose settings a test may change."""
    with window(chromium) as context:
        yield context


@pytest.fixture
def own_lake(tmp_path: Path) -> Lake:
    """A small office that a test may change."""
    return small_office(tmp_path / "lake")


@pytest.fixture
def own_visit(shared_window: BrowserContext, own_lake: Lake) -> Iterator[Visit]:
    with serving(own_lake, NOW) as address, Visit(shared_window, address) as visit:
        yield visit
