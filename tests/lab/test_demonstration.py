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


def test_the_page_knows_the_past_day(running: Demonstration) -> None:
    rows = ask(running, "top?by=src_addr,dst_addr&top=0&since=25h")
    peers = {row["dst_addr"] for row in rows} | {row["src_addr"] for row in rows}
    assert {"142.250.185.78", "142.250.185.110", "142.250.186.46", "2a00:1450:4001:82a::200e"} & peers
    assert len(rows) > 1_000


def test_one_clock_is_five_minutes_fast(running: Demonstration) -> None:
    offsets = {row["exporter"]: float(str(row["offset_seconds"])) for row in ask(running, "clocks")}
    assert offsets["127.0.0.11"] == pytest.approx(0, abs=1.1)
    assert offsets["127.0.0.12"] == pytest.approx(300, abs=1.1)


def test_everything_is_gone_at_the_end() -> None:
    with demonstration(("127.0.0.1", 0), None, seed=2, midnight=0, clock=time.time_ns) as parts:
        folder, port = parts.lake.path.parent, parts.page.port
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection("127.0.0.1", port).request("GET", "/health")
