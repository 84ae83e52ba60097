from __future__ import annotations

from uuid import UUID

import pytest

from tests.numbered_flows import EXPORTER, NOON, batches
from tests.store.test_counters_map import counters_map
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.store.counters_map import LISTENER, CounterKey
from tidegauge.store.engines import ledger
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

KEY = CounterKey(UUID(uuid_text(address_from_text(EXPORTER))), 9999, 0, "netflow5")
TOLD = "SELECT sum(stored), sum(lost_write), sum(lost_kernel), count(*) FILTER (stored IS NULL) FROM ledger"


def told(lake: Lake, stock: Stock | None) -> tuple[int, ...]:
    with lake.generation() as generation, Engine(generation, stock=stock) as engine:
        [row] = engine.rows(TOLD)
        assert engine.rows(TOLD) == [row]
        return tuple(map(int, row))


@pytest.mark.parametrize("most", [ledger.MOST_STANDING, -1])
def test_a_ledger_that_stands_says_what_the_files_say(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(ledger, "MOST_STANDING", most)
    writer, stock = LakeWriter(lake, "w"), Stock()
    for stored in (1, 2):
        writer.append(batches([stored], NOON, "w"))
        assert told(lake, stock) == told(lake, None) == (stored, 0, 0, 0)
    writer.compact(NOON)
    assert told(lake, stock) == told(lake, None) == (2, 0, 0, 0)
    assert any(kept.name == "ledger" for kept in stock.kept) == (most > 0)


def test_what_a_killed_writer_owes_is_told_until_it_is_settled(lake: Lake) -> None:
    writer, stock = LakeWriter(lake, "w"), Stock()
    writer.append(batches(range(30), NOON, "w"))
    counters = writer.counters_path
    counters.write_bytes(told_of(records=50))
    assert told(lake, stock) == (30, 0, 0, 0)  # its writer lives
    del writer
    assert told(lake, stock) == told(lake, None) == (30, 20, 7, 0)
    counters.write_bytes(told_of(records=60))
    assert told(lake, stock) == told(lake, None) == (30, 30, 7, 0)


def told_of(records: int) -> bytes:
    counters = {"records": records, "stored": 30, "datagrams": 2}
    return counters_map((LISTENER, NOON, {"lost_kernel": 7}), (KEY, NOON, counters))
