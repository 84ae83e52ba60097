"""Export messages made by hand, field by field, and what the decoder makes of them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tidegauge._core import Decoder

EXPORT_SECONDS = 1_700_000_000
SECOND = 1_000_000_000
VARIABLE = 65535
EXPORTER = "192.0.2.1"


@dataclass(frozen=True)
class Field:
    """One field of a template."""

    id: int
    length: int
    enterprise: int = 0

    def specifier(self) -> bytes:
        if not self.enterprise:
            return struct.pack(">HH", self.id, self.length)
        return struct.pack(">HHI", self.id | 0x8000, self.length, self.enterprise)


def flow_set(number: int, body: bytes) -> bytes:
    return struct.pack(">HH", number, 4 + len(body)) + body


def template(number: int, fields: Sequence[Field]) -> bytes:
    """A template set of IPFIX with one template."""
    body = struct.pack(">HH", number, len(fields)) + b"".join(field.specifier() for field in fields)
    return flow_set(2, body)


def options_template(number: int, scopes: int, fields: Sequence[Field]) -> bytes:
    """An options template set of IPFIX with one template."""
    body = struct.pack(">HHH", number, len(fields), scopes)
    return flow_set(3, body + b"".join(field.specifier() for field in fields))


def netflow9_template(number: int, fields: Sequence[Field]) -> bytes:
    return flow_set(0, template(number, fields)[4:])


def ipfix(*sets: bytes, domain: int = 1, seconds: int = EXPORT_SECONDS, sequence: int = 0) -> bytes:
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), seconds, sequence, domain) + body


def netflow9(*sets: bytes, domain: int = 1, uptime_ms: int = 3_600_000) -> bytes:
    return struct.pack(">HHIIII", 9, len(sets), uptime_ms, EXPORT_SECONDS, 0, domain) + b"".join(sets)


def counted(value: bytes) -> bytes:
    """A value of variable length."""
    if len(value) < 255:
        return bytes([len(value)]) + value
    return b"\xff" + struct.pack(">H", len(value)) + value


def decode(*messages: bytes, verbatim: bool = False, decoder: Decoder | None = None) -> Decoded:
    """What one exporter's messages say, in order."""
    decoder = decoder or Decoder(verbatim=verbatim)
    for place, message in enumerate(messages):
        decoder.feed(message, EXPORTER, 4739, EXPORT_SECONDS * SECOND + place)
    return Decoded.of(decoder)


@dataclass(frozen=True)
class Decoded:
    """Rows that a decoder made."""

    flows: list[dict[str, Any]]
    options: list[dict[str, Any]]
    counters: dict[str, int]

    @classmethod
    def of(cls, decoder: Decoder) -> Decoded:
        tables: dict[str, list[dict[str, Any]]] = {"flows": [], "options": []}
        for batch in decoder.drain():
            if batch.table in tables:
                tables[batch.table] += rows_of(batch)
        return cls(**tables, counters=decoder.counters())

    def other(self, row: int = 0) -> list[tuple[str, str | None, bytes]]:
        """What a flow has no column for."""
        return [(each["element"], each["value"], each["raw"]) for each in self.flows[row]["other"] or ()]

    def values(self, row: int = 0) -> list[tuple[str, str | None]]:
        return [(element, value) for element, value, _ in self.other(row)]


def rows_of(batch: Any) -> list[dict[str, Any]]:
    """Rows as Python values; instants as nanoseconds since 1970, which Python's datetime has no room for."""
    table = pa.RecordBatchReader.from_stream(batch).read_all()
    columns = {name: table.column(name) for name in table.column_names}
    plain = {
        name: column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
        for name, column in columns.items()
    }
    return list(pa.table(plain).to_pylist())
