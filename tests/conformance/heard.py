"""Messages of NetFlow v9 and IPFIX written down by hand, and what one decoder makes of them."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows

NOW = 1_700_000_000 * 10**9
SECOND = 10**9
MINUTE = 60 * SECOND
EXPORTER = "192.0.2.1"
OCTETS = 1
"""The element whose values tell records apart: octetDeltaCount, in four bytes."""

Field = tuple[int, int]


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def set_of(number: int, body: bytes) -> bytes:
    return words(number, 4 + len(body)) + body


def fields_of(fields: Sequence[Field]) -> bytes:
    return b"".join(words(*field) for field in fields)


def template(number: int, *fields: Field, of: int = 2) -> bytes:
    """A set of one template, IPFIX's unless ``of`` is 0."""
    return set_of(of, words(number, len(fields)) + fields_of(fields))


def options_template(number: int, scope: Field, *fields: Field) -> bytes:
    """A set of one options template, with one field of scope."""
    return set_of(3, words(number, 1 + len(fields), 1) + fields_of((scope, *fields)))


def withdrawal(number: int, of: int = 2) -> bytes:
    return set_of(of, words(number, 0))


def data(number: int, *octets: int) -> bytes:
    """A set of records that hold nothing but octets."""
    return set_of(number, struct.pack(f">{len(octets)}I", *octets))


def ipfix(*sets: bytes, sequence: int = 0, domain: int = 7) -> bytes:
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), NOW // SECOND, sequence, domain) + body


def netflow9(*sets: bytes, sequence: int = 0, source: int = 7, count: int = 1, uptime: int = 60_000) -> bytes:
    header = struct.pack(">HHIIII", 9, count, uptime, NOW // SECOND, sequence, source)
    return header + b"".join(sets)


class Heard:
    """A decoder and what it was told; ports stand for transport sessions."""

    def __init__(self, knowledge: tuple[bytes, int] | None = None, **settings: int) -> None:
        self.decoder = Decoder(settings=settings, knowledge=knowledge)
        self.taking_apart = Decoder(dissects=True, settings=settings, knowledge=knowledge)

    def feed(self, message: bytes, port: int = 4739, at: int = NOW, exporter: str = EXPORTER) -> list[int]:
        """Octets of the flows that can be told by then."""
        self.decoder.feed(message, exporter, port, at)
        self.taking_apart.feed(message, exporter, port, at)
        return self.octets()

    def stream(self, data: bytes, port: int = 4739) -> list[int]:
        """The same over a connection."""
        assert self.decoder.feed_stream(data, EXPORTER, port, NOW) is None
        return self.octets()

    def octets(self) -> list[int]:
        flows = [batch for batch in self.decoder.drain() if batch.table == "flows"]
        return [octets for batch in flows for (octets,) in batch_rows(batch, ["bytes"])]

    def count(self, counter: str) -> int:
        return self.decoder.counters()[counter]

    def messages(self) -> list[dict[str, Any]]:
        """What was taken apart since the last call."""
        return [json.loads(line) for line in self.taking_apart.dissected().splitlines()]
