"""A real browser before the real page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.small_office import NOW, small_office
from tests.browser.visit import PATIENCE_MILLISECONDS, Visit
from tidegauge.store.lake import Lake
from tidegauge.web.application import create_application
from tidegauge.web.server import Server

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return small_office(tmp_path / "lake")


@pytest.fixture
def address(lake: Lake) -> Iterator[str]:
    server = Server(create_application(lake.path, clock=lambda: NOW), "127.0.0.1", 0)
    server.start()
    yield server.address
    server.stop()


# Not for the whole session: playwright keeps an event loop running in this thread; others want their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Debian's own browser: playwright's download is not needed. No sandbox, since root has none.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    visit = Visit(chromium, address, **getattr(request, "param", {}))
    yield visit
    visit.close()
