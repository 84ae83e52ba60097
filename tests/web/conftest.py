"""A server over a small lake, at a fixed time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tests.web.visitor import Visitor
from tidegauge.store.lake import Lake
from tidegauge.web.application import create_application
from tidegauge.web.server import Server

NOW = NOON + 60 * SECOND

FLOWS = [
    {
        "received": NOON + 30 * SECOND,
        "start": NOON + second * SECOND,
        "end": NOON + (second + 1) * SECOND,
        "exporter": exporter,
        "observation_domain": 1,
        "protocol_version": "ipfix",
        "src_addr": source,
        "dst_addr": "203.0.113.9",
        "src_port": 40000 + second,
        "dst_port": 443,
        "protocol": protocol,
        "packets": 10,
        "bytes": size,
    }
    for second, exporter, source, protocol, size in (
        (0, "192.0.2.1", "10.0.0.1", 6, 6000),
        (10, "192.0.2.1", "10.0.0.2", 17, 3000),
        (20, "192.0.2.2", "10.0.0.1", 6, 1000),
    )
]

LEDGER = [
    {
        "minute": NOON,
        "last_received": NOON + 30 * SECOND,
        "exporter": exporter,
        "port": 50000,
        "observation_domain": 1,
        "protocol_version": "ipfix",
        "writer": "w",
        "clock_low": low,
        "clock_high": low + SECOND // 10,
        "datagrams": 2,
        "records": records,
        "stored": records,
        "lost_sequence": 1,
    }
    for exporter, records, low in (("192.0.2.1", 2, -SECOND // 5), ("192.0.2.2", 1, 300 * SECOND))
]


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return make_lake(tmp_path_factory.mktemp("web") / "lake", FLOWS, LEDGER)


@pytest.fixture(scope="session")
def visitor(lake: Lake) -> Iterator[Visitor]:
    with running(lake.path) as visitor:
        yield visitor


class running:  # noqa: N801 (reads as a verb, like contextlib's own)
    """A server over a lake while the context lasts; gives its visitor."""

    def __init__(self, lake_path: Path, token: str | None = None) -> None:
        self.server = Server(create_application(lake_path, token, clock=lambda: NOW), "127.0.0.1", 0)

    def __enter__(self) -> Visitor:
        self.server.start()
        return Visitor(self.server.port)

    def __exit__(self, *_: object) -> None:
        self.server.stop()
