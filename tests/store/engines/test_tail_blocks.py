from __future__ import annotations

import pytest

from tests.numbered_flows import NOON, batches, numbers_of
from tidegauge.store.engines import tail_blocks
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

COUNT = "SELECT count(*) FROM flows"


def seen(lake: Lake, stock: Stock) -> tuple[int, int]:
    """How many flows a question sees, and in how many blocks."""
    with lake.generation() as generation, Engine(generation, stock=stock) as engine:
        [(count,)] = engine.rows(COUNT)
        assert count == len(numbers_of(generation))
        return int(count), sum(kept.users > 0 for kept in stock.kept if kept.name == "blocks of flows")


def test_a_tail_is_seen_as_it_is_while_it_grows_and_is_absorbed(lake: Lake) -> None:
    writer, stock = LakeWriter(lake, "w"), Stock()
    for number in range(20):
        writer.append(batches([number]))
        count, blocks = seen(lake, stock)
        assert count == number + 1
        assert blocks <= 5
    writer.compact(NOON)
    assert seen(lake, stock) == (20, 0)
    writer.append(batches([20]))
    assert seen(lake, stock) == (21, 1)


def test_who_holds_an_older_generation_sees_its_tail(lake: Lake) -> None:
    writer, stock = LakeWriter(lake, "w"), Stock()
    writer.append(batches([1]))
    with lake.generation() as generation, Engine(generation, stock=stock) as older:
        writer.append(batches([2]))
        assert seen(lake, stock)[0] == 2
        writer.compact(NOON)
        assert seen(lake, stock)[0] == 2
        assert older.rows(COUNT) == [(1,)]
        with Engine(generation, stock=stock) as again:
            assert again.rows(COUNT) == [(1,)]


def test_large_files_and_what_finds_no_room_are_read_where_they_are(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    assert seen(lake, Stock(most_bytes=0)) == (1, 0)
    monkeypatch.setattr(tail_blocks, "LARGEST_FILE_BYTES", 1)
    assert seen(lake, Stock()) == (1, 0)
