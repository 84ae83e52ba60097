"""A real browser before the real page over a small lake."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.store.lake import Lake
from tidegauge.web.application import create_application
from tidegauge.web.server import Server

Scheme = Literal["light", "dark"]

NOW = NOON + 15 * 60 * SECOND
EXPORTERS = (("192.0.2.1", "ipfix", 0), ("192.0.2.2", "netflow9", 300))


def office_flows() -> list[Row]:
    """A quarter of an hour of web and name traffic, one exporter's clock five minutes fast."""
    rows: list[Row] = []
    for minute in range(15):
        for host in range(1, 9):
            exporter, version, shift = EXPORTERS[host % 2]
            arrived = NOON + (60 * minute + 59) * SECOND
            start = NOON + (60 * minute + 5 * host + shift) * SECOND
            wave = 1 + math.sin(minute / 3)
            common = {
                "received": arrived,
                "start": start,
                "end": start + 12 * SECOND,
                "exporter": exporter,
                "observation_domain": 1,
                "protocol_version": version,
                "dst_addr": f"10.0.0.{host}",
                "dst_port": 50000 + host,
                "packets": 90,
            }
            web = {"src_addr": "203.0.113.9", "src_port": 443, "protocol": 6, "tcp_flags": 0x1B}
            names = {"src_addr": "2001:db8::53", "src_port": 53, "protocol": 17}
            rows += [
                common | web | {"bytes": int(90_000 * wave * host)},
                common | names | {"bytes": 900 * host},
            ]
    return rows


def scan_flows() -> list[Row]:
    return [
        {
            "received": NOON + 600 * SECOND,
            "start": NOON + 500 * SECOND + port * SECOND // 10,
            "end": NOON + 500 * SECOND + port * SECOND // 10,
            "exporter": "192.0.2.1",
            "observation_domain": 1,
            "protocol_version": "ipfix",
            "src_addr": "10.0.0.66",
            "dst_addr": "10.0.0.5",
            "src_port": 40000,
            "dst_port": port,
            "protocol": 6,
            "tcp_flags": 2,
            "packets": 1,
            "bytes": 60,
        }
        for port in range(1, 121)
    ]


def ledger_rows() -> list[Row]:
    return [
        {
            "minute": NOON + 14 * 60 * SECOND,
            "last_received": NOW - 5 * SECOND,
            "exporter": exporter,
            "port": 50000,
            "observation_domain": 1,
            "protocol_version": version,
            "writer": "w",
            "clock_low": shift * SECOND - SECOND // 5,
            "clock_high": shift * SECOND + SECOND // 10,
            "datagrams": 30,
            "records": 120,
            "stored": 120,
        }
        for exporter, version, shift in EXPORTERS
    ]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "lake", office_flows() + scan_flows(), ledger_rows())


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

    def open(self, search: str = "/") -> Page:
        self.page.goto(self.address + search)
        self.page.get_by_role("heading", name="Top talkers").wait_for()
        return self.page

    def close(self) -> None:
        self._context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def visit(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    visit = Visit(chromium, address, **getattr(request, "param", {}))
    yield visit
    visit.close()
