from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.conformance.messages import Field, flow_set, ipfix, template
from tests.numbered_flows import datagrams
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.listener import Batch, Listener
from tidegauge.store.counters_map import LISTENER, read_counters_map

Listeners: TypeAlias = Callable[..., Listener]

LOOPBACK = ListenAddress("127.0.0.1", 0)
EXPORTERS = [f"127.0.7.{host}" for host in range(1, 31)]


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    listener = Listener(LOOPBACK, writer_id="w", counters_path=tmp_path / "counters.map")
    yield listener
    listener.close()


@pytest.fixture
def listener_of(tmp_path: Path) -> Iterator[Listeners]:
    """Makes listeners with so many receivers, which end with the test."""
    with ExitStack() as stack:

        def make(receivers: int, address: ListenAddress = LOOPBACK, **words: Any) -> Listener:
            made = len(list(tmp_path.glob("*.map")))
            path = tmp_path / ("counters.map" if not made else f"counters-{made}.map")
            listener = Listener(address, writer_id="w", counters_path=path, receivers=receivers, **words)
            stack.callback(listener.close)
            return listener

        yield make


def bound(source: str = "") -> socket.socket:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((source, 0))
    return sender


def send_bytes(listener: Listener, content: bytes, source: str) -> None:
    with bound(source) as sender:
        sender.sendto(content, listener.address[:2])


def send(listener: Listener, numbers: range, source: str = "") -> None:
    with bound(source) as sender:
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


def test_all_receivers_take_part_and_each_exporter_has_one(listener_of: Listeners) -> None:
    listener = listener_of(3)
    for number, source in enumerate(EXPORTERS):
        # From one port and then from another: a NetFlow v5 of each is a session of its own.
        for _ in range(2):
            send(listener, range(30 + number), source=source)
    gathered = 0
    expected = 2 * sum(30 + number for number in range(len(EXPORTERS)))
    deadline = time.monotonic() + 20
    while gathered < expected and time.monotonic() < deadline:
        gathered += flows(listener.gather(0.05, maximum_rows=100_000))
    assert gathered == listener.counters()["records"] == expected
    heard = Counter(each.exporter for each in listener.exporters())
    assert heard == dict.fromkeys(EXPORTERS, 2)
    assert listener.counters()["lost_sequence"] == 0


def test_the_last_rows_of_all_receivers_are_handed_over(listener_of: Listeners, tmp_path: Path) -> None:
    listener = listener_of(2)
    for source in EXPORTERS:
        send(listener, range(300), source=source)
    # Noise belongs to no exporter: each receiver counts what it heard of it.
    for source in EXPORTERS:
        send_bytes(listener, b"no export", source)
    assert flows(listener.close()) == 300 * len(EXPORTERS)
    slots = read_counters_map((tmp_path / "counters.map").read_bytes())
    assert sum(slot.counters["records"] for slot in slots) == 300 * len(EXPORTERS)
    [unknown] = [slot.counters["malformed_unknown_version"] for slot in slots if slot.key == LISTENER]
    assert unknown == listener.counters()["malformed_unknown_version"] == len(EXPORTERS)


@pytest.mark.parametrize("receivers", [1, 2, 5])
def test_what_is_known_is_dealt_to_as_many_receivers_as_come_next(
    listener_of: Listeners, receivers: int
) -> None:
    before = listener_of(3)
    layout = template(256, [Field(8, 4)])
    for source in EXPORTERS:
        send_bytes(before, ipfix(layout, flow_set(256, bytes(4))), source)
    before.close()
    known = before.knowledge()
    assert known is not None
    assert before.knowledge(ages=False) is None, "nothing was learnt since"
    after = listener_of(receivers, knowledge=(known, time.time_ns()))
    assert after.counters()["resumed_templates"] == len(EXPORTERS)
    for source in EXPORTERS:
        send_bytes(after, ipfix(flow_set(256, bytes(4))), source)
    assert flows(after.close()) == len(EXPORTERS)


@pytest.mark.parametrize("receivers", [1, 2, 5])
def test_numbers_are_continued_by_as_many_receivers_as_come_next(
    listener_of: Listeners, tmp_path: Path, receivers: int
) -> None:
    before = listener_of(3)
    first, _, third = datagrams(range(90))
    with ExitStack() as stack:
        exporters = [stack.enter_context(bound(source)) for source in EXPORTERS]
        for exporter in exporters:
            exporter.sendto(first, before.address[:2])
        before.close()
        # The second was sent while nobody listened.
        after = listener_of(receivers, resume_path=tmp_path / "counters.map")
        for exporter in exporters:
            exporter.sendto(third, after.address[:2])
        after.close()
    assert after.counters()["lost_sequence"] == 30 * len(EXPORTERS)


def test_a_taken_port_is_named_whoever_takes_it(listener_of: Listeners) -> None:
    alone, several = listener_of(1), listener_of(2)
    for listener in (alone, several):
        for receivers in (1, 2):
            with pytest.raises(OSError, match=f"cannot listen at {listener.address}: .*in use"):
                listener_of(receivers, address=listener.address)


def test_more_receivers_than_processors_are_told(
    listener_of: Listeners, caplog: pytest.LogCaptureFixture
) -> None:
    processors = len(os.sched_getaffinity(0))
    listener_of(processors)
    assert "more receivers than processors" not in caplog.text
    listener_of(processors + 1)
    assert "more receivers than processors" in caplog.text


def test_a_small_buffer_is_told_with_its_remedy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Listener(LOOPBACK, writer_id="w", counters_path=tmp_path / "counters.map", receive_buffer=1024).close()
    granted = [record for record in caplog.records if "smaller receive buffer" in record.getMessage()]
    assert not granted or "net.core.rmem_max" in str(vars(granted[0])["facts"])
