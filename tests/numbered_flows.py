"""Flows that carry a number each, so that a test can say which of them arrived, and how often.

The number is the flow's byte count. They travel as real NetFlow v5 through the real decoder.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import duckdb

from tidegauge._core import Batch, Decoder
from tidegauge.store.generation import Generation
from tidegauge.store.lake import Lake

SECOND = 1_000_000_000
NOON = 1_767_268_800 * SECOND  # 2026-01-01T12:00:00Z
EXPORTER = "192.0.2.1"

_HEADER = struct.Struct(">HHIIIIBBH")
_RECORD = struct.Struct(">4s4s4sHHIIIIHHxBBBHHBBxx")
_MAXIMUM_RECORDS = 30


def datagram(numbers: Sequence[int], at: int = NOON, sequence: int = 0) -> bytes:
    """One NetFlow v5 datagram, exported at ``at`` by a device up for a minute."""
    seconds, nanoseconds = divmod(at, SECOND)
    header = _HEADER.pack(5, len(numbers), 60_000, seconds, nanoseconds, sequence, 0, 0, 0)
    return header + b"".join(_record(number) for number in numbers)


def datagrams(numbers: Sequence[int], at: int = NOON) -> list[bytes]:
    """As many datagrams as the numbers need, their sequence counting from 0."""
    starts = range(0, len(numbers), _MAXIMUM_RECORDS)
    return [datagram(numbers[start : start + _MAXIMUM_RECORDS], at, sequence=start) for start in starts]


def batches(numbers: Sequence[int], at: int = NOON, writer_id: str = "") -> list[Batch]:
    """What a drain returns after these flows arrived at ``at``."""
    decoder = Decoder(writer=writer_id)
    for content in datagrams(numbers, at):
        decoder.feed(content, EXPORTER, 9999, at)
    return decoder.drain()


def numbers_in(lake: Lake) -> list[int]:
    """The numbers of all flows a reader sees now, ascending; one seen twice is there twice."""
    with lake.generation() as generation:
        return numbers_of(generation)


def numbers_of(generation: Generation) -> list[int]:
    """The numbers of all flows in one generation."""
    return [number for (number,) in _rows(generation, "flows", "SELECT bytes FROM rows ORDER BY bytes")]


def ledger_sum(lake: Lake, counter: str) -> int:
    """What the lake's ledger adds up to."""
    with lake.generation() as generation:
        found = _rows(generation, "ledger", f"SELECT coalesce(sum({counter}), 0) FROM rows")
    return int(found[0][0]) if found else 0


def levels(lake: Lake, table: str = "flows") -> list[str]:
    """Level of each segment of a table, in the order of the manifest."""
    return [segment.level for segment in lake.manifest().segments if segment.table == table]


def _rows(generation: Generation, table: str, query: str) -> list[tuple[int, ...]]:
    paths = [segment.path for segment in generation.segments(table)]
    if not paths:
        return []
    with duckdb.connect() as connection:
        connection.read_parquet(paths).create_view("rows")
        return connection.execute(query).fetchall()


def _record(number: int) -> bytes:
    addresses = (bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]), bytes(4))
    return _RECORD.pack(*addresses, 1, 2, 1, number, 50_000, 59_000, 1024, 443, 0, 6, 0, 0, 0, 0, 0)
