"""What the pages of the dashboard cost: in the server, in the browser, and until a person can read them.

The simulated office runs in one process, the server that is measured in another, and a headless Chromium
opens each page as somebody who was never there: nothing in its cache. ``filled`` is from the navigation until
the last panel has its answer, which may be one that the server gave to somebody before; ``renewed`` is until
all of them are of now. ``anew`` is ``filled`` for a range that nobody asked for before, and ``at_once`` where
the answers lie ready in the browser, so what it takes alone. On a machine with few cores all of them share
these, so that processor time says more than time.

``never``, ``bare`` and ``again`` are looks right after a server said that it listens, over a copy of the
lake: ``never`` where none showed any of it before, and it is as a collector leaves it, which made it ready
within the hour (``tidegauge lake ready``); ``bare`` where not even that was done; ``again`` where a server
showed it that was then stopped.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from process import Watched, ticks
from report import Row, show

PAGES = {
    "overview": "/",
    "users": "/users",
    "person": "/users/John",
    "links": "/links",
    "clocks": "/clocks",
    "flows": "/flows",
    "reports": "/reports",
}
QUESTIONS = re.compile("/api/v1/(?!stream)")
PATIENCE_SECONDS = 120.0
SETTLED_MILLISECONDS = 600
COPIES = 5
CASES = "never", "bare", "again"
MADE_FOR_SERVERS = "answers.msgpack", "clock_stretches"
IDLE_TICKS = 5
_UNASKED = count(1)
WATCH = """
window.lastBusy = window.lastOld = 0;
window.setInterval(() => {
  const busy = document.querySelector('[aria-busy=true], .progress.on');
  if (busy || !document.querySelector('h1, h2')) window.lastBusy = performance.now();
  if (document.querySelector('.as-of')) window.lastOld = performance.now();
}, 10);
"""
IS_SETTLED = f"performance.now() - Math.max(window.lastBusy, window.lastOld) > {SETTLED_MILLISECONDS}"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
ANSWERS = """performance.getEntriesByType('resource')
  .filter((entry) => entry.name.includes('/api/') && !entry.name.endsWith('/stream'))
  .map((entry) => [entry.name, entry.transferSize])"""


@dataclass(frozen=True)
class Visit:
    """One look at a page."""

    questions: float
    kilobytes: float
    server_cpu: float
    browser_cpu: float
    painted: float
    filled: float
    renewed: float
    anew: float = 0.0
    at_once: float = 0.0


class Answers:
    """Answers that lie ready: what the server said when it was asked the same before."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def keep(self, page: Page) -> None:
        """Keep what comes for a page."""
        page.route(QUESTIONS, self._pass)

    def give(self, page: Page) -> None:
        """Answer a page."""
        page.route(QUESTIONS, self._answer)

    def _pass(self, route: Route) -> None:
        reply = route.fetch()
        self._bodies[route.request.url] = reply.body()
        route.fulfill(response=reply)

    def _answer(self, route: Route) -> None:
        body = self._bodies.get(route.request.url)
        if body is None:
            # Asked after the page that was kept had settled.
            route.continue_()
        else:
            route.fulfill(body=body, content_type="application/json")


@dataclass(frozen=True)
class Place:
    """Where pages are looked at: a browser, and a server with its process."""

    browser: Browser
    address: str
    process: int

    def look(self, path: str, prepare: Callable[[Page], None] | None = None) -> Visit:
        """Open a page as a stranger, and wait until all of it is there."""
        with stranger(self.browser) as window:
            page = window.new_page()
            if prepare:
                prepare(page)
            server, browser = ticks(self.process), self._browser_seconds()
            page.goto(self.address + path, wait_until="commit")
            wait_until_settled(page)
            answers = page.evaluate(ANSWERS)
            # What the page asks from now on, to be up to date, may find it gone.
            page.unroute_all(behavior="ignoreErrors")
            return Visit(
                questions=len(answers),
                kilobytes=sum(size for _, size in answers) / 1000,
                server_cpu=(ticks(self.process) - server) / 100,
                browser_cpu=self._browser_seconds() - browser,
                painted=page.evaluate(PAINT) / 1000,
                filled=page.evaluate("window.lastBusy") / 1000,
                renewed=page.evaluate("Math.max(window.lastBusy, window.lastOld)") / 1000,
            )

    def _browser_seconds(self) -> float:
        """Processor time of all processes of the browser."""
        session = self.browser.new_browser_cdp_session()
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return float(sum(process["cpuTime"] for process in found))


def wait_until_settled(page: Page) -> None:
    """Wait until nothing was asked for a while."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(IS_SETTLED):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{page.url} still waits for an answer after {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.1)


@contextmanager
def stranger(browser: Browser) -> Iterator[BrowserContext]:
    """A window of somebody whose browser was never here."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, timezone_id="UTC")
    context.add_init_script(WATCH)
    yield context
    context.close()


def measured(place: Place, name: str, rounds: int) -> Row:
    """Medians of a page's visits; the first look at it is told apart."""
    answers, path = Answers(), PAGES[name]
    first = place.look(path)
    visits = [place.look(path) for _ in range(rounds)]
    others = {"anew": [place.look(f"{path}?since=now-{minutes}m").filled for minutes in unasked(rounds)]}
    place.look(path, answers.keep)
    others["at_once"] = [place.look(path, answers.give).filled for _ in range(rounds)]
    row: Row = {"page": name, "first_server_cpu": first.server_cpu, "first_filled": round(first.filled, 2)}
    for field in fields(Visit):
        found = others.get(field.name) or [getattr(visit, field.name) for visit in visits]
        row[field.name] = round(statistics.median(found), 2)
    return row


def measured_after_starts(browser: Browser, lake: Path, folder: Path, name: str, starts: int) -> Row:
    """Medians of looks at a page right after a start."""
    visits: dict[str, list[Visit]] = {case: [] for case in CASES}
    for number in range(starts):
        copied = copy_of(lake, folder / f"{name}-{number}")
        for case, found in visits.items():
            if case == "never":
                subprocess.run([*tidegauge(), "lake", "ready", "--lake", str(copied)], check=True)
            elif case == "bare":
                copied = copy_of(lake, copied)
            with server(copied, folder) as (address, process):
                found.append(Place(browser, address, process).look(PAGES[name]))
                wait_until_idle(process)
        shutil.rmtree(copied)
    row: Row = {"page": name}
    for case, found in visits.items():
        for field in ("server_cpu", "filled", "renewed"):
            median = statistics.median(getattr(visit, field) for visit in found)
            row[f"{case}_{field}"] = round(median, 2)
    return row


def copy_of(lake: Path, place: Path) -> Path:
    """A lake as it is before a server shows it; files of one that is written to may be replaced meanwhile."""
    for _ in range(COPIES):
        shutil.rmtree(place, ignore_errors=True)
        with suppress(shutil.Error):
            shutil.copytree(lake, place, ignore=shutil.ignore_patterns(*MADE_FOR_SERVERS))
            return place
    raise OSError(f"{lake} changed while it was copied, {COPIES} times")


def wait_until_idle(process: int) -> None:
    """Wait until a server has done all that nobody asked it for, so that it is there when it starts again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    before = -IDLE_TICKS
    while (now := ticks(process)) - before >= IDLE_TICKS and time.monotonic() < deadline:
        before = now
        time.sleep(1)


def unasked(rounds: int) -> Iterator[int]:
    """Minutes of a day, nearly, each time other ones."""
    return (24 * 60 - next(_UNASKED) for _ in range(rounds))


@contextmanager
def office(folder: Path) -> Iterator[Path]:
    """The simulated office at work; gives its lake."""
    log = folder / "demo.log"
    with Watched([*tidegauge(), "demo", "--http", "127.0.0.1:0"], log):
        yield Path(told(log, r"^lake +(.+?), gone"))


@contextmanager
def server(lake: Path, folder: Path) -> Iterator[tuple[str, int]]:
    """A server over a lake: its address, and its process."""
    log = folder / "serve.log"
    with Watched([*tidegauge(), "serve", "--lake", str(lake), "--http", "127.0.0.1:0"], log) as watched:
        yield told(log, r"^listening (http\S+)"), watched.process.pid


def told(log: Path, pattern: str) -> str:
    """What a program says once it is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := re.search(pattern, log.read_text(), re.MULTILINE):
            return found[1]
        time.sleep(0.1)
    raise TimeoutError(f"no {pattern!r} in {log} after {PATIENCE_SECONDS:.0f} s: {log.read_text()}")


def tidegauge() -> Sequence[str]:
    """The program as people start it."""
    return [str(Path(sys.executable).parent / "tidegauge")]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--page", choices=PAGES, action="append", help="default: all of them")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=2, help="looks right after a start, for each page")
    parser.add_argument("--lake", type=Path, help="of a collector that runs; default: a simulated office's")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed: there is nothing to look at pages with")
    with TemporaryDirectory(prefix="tidegauge-bench-") as temporary:
        folder = Path(temporary)
        with office(folder) as simulated, sync_playwright() as playwright:
            lake, pages = arguments.lake or simulated, arguments.page or list(PAGES)
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            started = [measured_after_starts(browser, lake, folder, name, arguments.starts) for name in pages]
            with server(lake, folder) as (address, process):
                place = Place(browser, address, process)
                rows = [measured(place, name, arguments.rounds) for name in pages]
            browser.close()
    show("pages", rows)
    show("pages right after a start", started)


if __name__ == "__main__":
    main()
