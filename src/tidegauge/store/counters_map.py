"""The counters that outlive a killed collector: a small file the receiver maps into its memory.

Little endian. A 64-byte header: magic, counters per slot, slot capacity, slots used. Then one slot for each
exporter, port, observation domain and protocol: the key, the last minute, the sequence number (which only
a receiver reads that resumes) and the cumulative counters in the order of ``schema/counters.toml``. The
pages belong to the kernel, so what the receiver counted is there to read after ``kill -9``.
"""

from __future__ import annotations

import struct
from typing import NamedTuple
from uuid import UUID

from tidegauge.flow.counters import COUNTERS, MALFORMED

COUNTER_NAMES = (*COUNTERS, *(f"malformed_{reason}" for reason in MALFORMED))

_MAGIC = b"TGCOUNT1"
_HEADER = struct.Struct("<8sIII44x")
_KEY = struct.Struct("<16sIHBxq8x")
_PROTOCOLS = {
    1: "netflow1", 5: "netflow5", 6: "netflow6", 7: "netflow7", 8: "netflow8", 9: "netflow9", 10: "ipfix",
    105: "sflow5",
}  # fmt: skip


class CounterKey(NamedTuple):
    """Whose counters a slot holds; all None for what belongs to the listener, such as kernel drops."""

    exporter: UUID | None
    port: int | None
    observation_domain: int | None
    protocol_version: str | None


LISTENER = CounterKey(None, None, None, None)


class CounterSlot(NamedTuple):
    """Totals of one key since its receiver started; ``minute`` is the last one counted in, in nanoseconds."""

    key: CounterKey
    minute: int
    counters: dict[str, int]


def read_counters_map(content: bytes) -> list[CounterSlot]:
    """Read the slots in use; raises ValueError for bytes that are no map of this release."""
    if len(content) < _HEADER.size:
        raise ValueError("a counters map starts with a header of 64 bytes")
    magic, width, _, used = _HEADER.unpack_from(content)
    if magic != _MAGIC or width != len(COUNTER_NAMES):
        raise ValueError("the counters map was written by another release")
    stride = _KEY.size + 8 * width
    if len(content) < _HEADER.size + used * stride:
        raise ValueError("the counters map ends inside a slot")
    return [_slot(content, _HEADER.size + index * stride) for index in range(used)]


def _slot(content: bytes, offset: int) -> CounterSlot:
    exporter, domain, port, protocol, minute = _KEY.unpack_from(content, offset)
    values = struct.unpack_from(f"<{len(COUNTER_NAMES)}Q", content, offset + _KEY.size)
    key = LISTENER
    if protocol in _PROTOCOLS:
        key = CounterKey(UUID(bytes=exporter), port, domain, _PROTOCOLS[protocol])
    # A listener that only ever dropped has no minute yet.
    return CounterSlot(key, max(minute, 0), dict(zip(COUNTER_NAMES, values, strict=True)))
