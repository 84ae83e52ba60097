from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tidegauge.lab.activity import DAY
from tidegauge.lab.demonstration import Demonstration, demonstration


def ask(running: Demonstration, path: str) -> list[dict[str, object]]:
    connection = HTTPConnection("127.0.0.1", running.page.port, timeout=30)
    connection.request("GET", f"/api/v1/{path}")
    answer: list[dict[str, object]] = json.loads(connection.getresponse().read())["data"]
    connection.close()
    return answer


@pytest.fixture(scope="module")
def running() -> Iterator[Demonstration]:
    midnight = time.time_ns() // DAY * DAY
    with demonstration(("127.0.0.1", 0), None, seed=1, midnight=midnight, clock=time.time_ns) as parts:
        yield parts


def test_both_routers_are_heard_live(running: Demonstration) -> None:
    deadline = time.monotonic() + 20
    heard: set[str] = set()
    while len(heard) < 2 and time.monotonic() < deadline:
        exporters = running.collector.statistics()["exporters"]
        heard = {row["exporter"] for row in exporters if row["counters"]["records"]}
        time.sleep(0.2)
    assert heard == {"127.0.0.11", "127.0.0.12"}


def test_the_page_knows_the_past_day_by_name(running: Demonstration) -> None:
    rows = ask(running, "top?by=user,site&top=0&since=25h")
    told = {(row["user"], row["site"]) for row in rows}
    assert ("Alex", "dl.dropboxusercontent.com") in told
    assert len({user for user, _ in told}) > 50


def test_names_are_learnt_live(running: Demonstration) -> None:
    """Sarah's program hands over a mail every six minutes, so look for what everybody does all the time."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        rows = ask(running, "top?by=site&top=0&since=10s")
        if any(row["site"] for row in rows):
            return
        time.sleep(0.5)
    pytest.fail("no site was named within 30 s")


def test_one_clock_is_five_minutes_fast(running: Demonstration) -> None:
    walls = {row["exporter"]: row for row in ask(running, "clocks") if row["clock"] == "wall"}
    offsets = {exporter: float(str(row["offset_seconds"])) for exporter, row in walls.items()}
    assert offsets["127.0.0.11"] == pytest.approx(0, abs=0.5)
    assert offsets["127.0.0.12"] == pytest.approx(300, abs=0.5)
    assert walls["127.0.0.12"]["state"] == "wrong"


def test_everything_is_gone_at_the_end() -> None:
    with demonstration(("127.0.0.1", 0), None, seed=2, midnight=0, clock=time.time_ns) as parts:
        folder, port = parts.lake.path.parent, parts.page.port
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection("127.0.0.1", port).request("GET", "/health")
