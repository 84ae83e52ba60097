from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.numbered_flows import datagrams
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.listener import Batch, Listener
from tidegauge.store.counters_map import read_counters_map

LOOPBACK = ListenAddress("127.0.0.1", 0)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    listener = Listener(LOOPBACK, writer_id="w", counters_path=tmp_path / "counters.map")
    yield listener
    listener.close()


def send(listener: Listener, numbers: range) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for content in datagrams(numbers):
            sender.sendto(content, listener.address[:2])


def flows(batches: list[Batch]) -> int:
    return sum(len(batch) for batch in batches if batch.table == "flows")


def test_the_chosen_port_is_told(listener: Listener) -> None:
    assert listener.address.host == "127.0.0.1"
    assert listener.address.port > 0


def test_what_is_sent_is_gathered(listener: Listener) -> None:
    send(listener, range(100))
    gathered = 0
    deadline = time.monotonic() + 10
    while gathered < 100 and time.monotonic() < deadline:
        gathered += flows(listener.gather(0.05, maximum_rows=1000))
    assert gathered == 100
    assert listener.counters()["records"] == 100
    [exporter] = listener.exporters()
    assert (exporter.exporter, exporter.protocol_version) == ("127.0.0.1", "netflow5")


def test_gathering_lasts_as_long_as_told(listener: Listener) -> None:
    began = time.monotonic()
    assert listener.gather(0.2, maximum_rows=1000) == []
    assert 0.19 <= time.monotonic() - began < 5


def test_closing_hands_over_what_the_socket_still_holds(listener: Listener) -> None:
    send(listener, range(3000))
    assert flows(listener.close()) == 3000


def test_totals_are_kept_outside_the_process_memory(listener: Listener, tmp_path: Path) -> None:
    send(listener, range(30))
    listener.close()
    slots = read_counters_map((tmp_path / "counters.map").read_bytes())
    assert sum(slot.counters["records"] for slot in slots) == 30


def test_a_taken_port_is_named(listener: Listener, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"cannot listen at {listener.address}: .*in use"):
        Listener(listener.address, writer_id="x", counters_path=tmp_path / "other.map")


def test_a_small_buffer_is_told_with_its_remedy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Listener(LOOPBACK, writer_id="w", counters_path=tmp_path / "counters.map", receive_buffer=1024).close()
    granted = [record for record in caplog.records if "smaller receive buffer" in record.getMessage()]
    assert not granted or "net.core.rmem_max" in str(vars(granted[0])["facts"])
