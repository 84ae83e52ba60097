from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.chaos.export import numbered
from tests.flow_sender import wait_until
from tidegauge._core import Decoder
from tidegauge.app import knowledge_keeping
from tidegauge.app.knowledge_keeping import KnowledgeKeeping
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.listener import Listener
from tidegauge.store.lake import Lake

ADDRESS = ListenAddress("0.0.0.0", 2055)


@pytest.fixture
def listener(tmp_path: Path, loopback: ListenAddress) -> Iterator[Listener]:
    listener = Listener(loopback, writer_id="w", counters_path=tmp_path / "counters.map")
    yield listener
    listener.close()


@pytest.fixture(autouse=True)
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, which a test moves."""
    told = [1000.0]
    monkeypatch.setattr(knowledge_keeping, "time", SimpleNamespace(monotonic=lambda: told[0]))
    return told


@pytest.fixture
def exporter() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
        yield exporter


def hear(listener: Listener, exporter: socket.socket, version: str) -> None:
    before = listener.counters()["records"]
    for datagram in numbered(version, 1):
        exporter.sendto(datagram, listener.address[:2])
    wait_until(lambda: listener.counters()["records"] > before)


def templates(content: bytes | None) -> int:
    """How many a decoder takes over."""
    if content is None:
        return 0
    return Decoder(knowledge=(content, 0)).counters()["resumed_templates"]


def test_what_is_learnt_is_kept_within_seconds(
    lake: Lake, listener: Listener, exporter: socket.socket, seconds: list[float]
) -> None:
    keeping = KnowledgeKeeping(lake, ADDRESS)
    keeping.keep(listener)
    hear(listener, exporter, "netflow9")
    seconds[0] += 1
    keeping.keep(listener)
    assert templates(keeping.known()) == 0, "not all the time"
    seconds[0] += 1
    keeping.keep(listener)
    one = templates(KnowledgeKeeping(lake, ADDRESS).known())
    assert one > 0
    hear(listener, exporter, "ipfix")
    keeping.keep(listener, is_last=True)
    assert templates(keeping.known()) == 2 * one, "at the end at once"


def test_ages_are_kept_now_and_then(
    lake: Lake, listener: Listener, exporter: socket.socket, seconds: list[float]
) -> None:
    keeping = KnowledgeKeeping(lake, ADDRESS)
    hear(listener, exporter, "netflow9")
    keeping.keep(listener)
    before = keeping.known()
    hear(listener, exporter, "netflow9")
    for waited, is_kept in ((10, False), (50, True)):
        seconds[0] += waited
        keeping.keep(listener)
        assert (keeping.known() != before) == is_kept


def test_a_disk_that_takes_nothing_is_told_once(
    lake: Lake, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    (lake.path / "templates").write_text("a file where a folder belongs")
    keeping = KnowledgeKeeping(lake, ADDRESS)
    for _ in range(3):
        keeping.keep(listener, is_last=True)
    assert caplog.text.count("what is known of templates cannot be kept") == 1
    assert keeping.known() is None
    assert "what was known of templates cannot be used" in caplog.text
