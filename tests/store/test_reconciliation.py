from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from tests.numbered_flows import EXPORTER, NOON, batches, ledger_sum
from tests.store.test_counters_map import counters_map
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.store.counters_map import LISTENER, CounterKey
from tidegauge.store.lake import Lake
from tidegauge.store.reconciliation import outstanding, unstored
from tidegauge.store.recovery import recover
from tidegauge.store.tail import Tail
from tidegauge.store.writer import LakeWriter

KEY = CounterKey(UUID(uuid_text(address_from_text(EXPORTER))), 9999, 0, "netflow5")


@pytest.fixture
def killed(lake: Lake) -> Tail:
    """A writer that received 50 flows and 7 kernel drops, stored 30 flows, and was killed."""
    writer = LakeWriter(lake, "w")
    writer.append(batches(range(30), NOON, "w"))
    counters = {"records": 50, "stored": 30, "datagrams": 2}
    content = counters_map((LISTENER, NOON, {"lost_kernel": 7}), (KEY, NOON, counters))
    writer.counters_path.write_bytes(content)
    del writer
    return Tail(lake.path / "tail" / "w")


def test_received_minus_stored_is_lost(lake: Lake, killed: Tail) -> None:
    assert killed.counters_path.exists()
    with lake.generation() as generation:
        listener, exporter = unstored(generation)
    assert {name: count for name, count in listener.counters.items() if count} == {"lost_kernel": 7}
    assert {name: count for name, count in exporter.counters.items() if count} == {
        "records": 20,
        "datagrams": 1,
        "lost_write": 20,
    }
    assert (exporter.key, exporter.minute, exporter.writer_id) == (KEY, NOON, "w")


def test_a_reader_and_the_recovery_say_the_same(lake: Lake, killed: Tail) -> None:
    with lake.generation() as generation:
        owed = sum(row.counters["lost_write"] for row in unstored(generation))
    recover(lake, NOON)
    with lake.generation() as generation:
        assert unstored(generation) == []
    assert ledger_sum(lake, "lost_write") == owed == 20
    assert ledger_sum(lake, "records") == ledger_sum(lake, "stored") + ledger_sum(lake, "lost_write") == 50
    assert not killed.counters_path.exists()


def test_a_refused_drain_is_not_lost_twice(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    lake.space.reserve_bytes = 10**18
    writer.append(batches(range(30), NOON, "w"))
    content = counters_map((KEY, NOON, {"records": 30, "stored": 30, "datagrams": 1}))
    with lake.generation() as generation:
        paths = [segment.path for segment in generation.segments("ledger")]
    assert outstanding("w", content, paths) == []


def test_unreadable_counters_owe_nothing() -> None:
    assert outstanding("w", b"rubbish", [str(Path("unused"))]) == []
