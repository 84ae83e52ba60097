"""sFlow 5 as its specification writes it: datagrams, samples and records, and what a decoder makes of it."""

from __future__ import annotations

import struct
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from tidegauge._core import Decoder
from tidegauge.flow.addresses import text_from_address
from tidegauge.store.batch_rows import batch_rows

AGENT = "192.0.2.9"
SENDER = ("192.0.2.1", 50_000)
RECEIVED = 1_800_000_000_000_000_000
FLOW, COUNTERS, EXPANDED_FLOW, EXPANDED_COUNTERS, DISCARDED = range(1, 6)


def words(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def opaque(content: bytes) -> bytes:
    return words(len(content)) + content + bytes(-len(content) % 4)


def address(text: str) -> bytes:
    packed = ip_address(text).packed
    return words(1 if len(packed) == 4 else 2) + packed


def record(tag: int, body: bytes, enterprise: int = 0) -> bytes:
    return words(enterprise << 12 | tag) + opaque(body)


def header(frame: bytes, length: int | None = None, protocol: int = 1, stripped: int = 0) -> bytes:
    """The first bytes of a packet that was longer, or not."""
    return record(1, words(protocol, length or len(frame) + stripped, stripped) + opaque(frame))


def flow_sample(*records: bytes, sequence: int = 1, source: int = 3, rate: int = 100, pool: int = 1000,
                drops: int = 0, interfaces: tuple[int, int] = (3, 4)) -> bytes:  # fmt: skip
    head = words(sequence, source, rate, pool, drops, *interfaces, len(records))
    return record(FLOW, head + b"".join(records))


def expanded_flow_sample(*records: bytes, source: tuple[int, int] = (0, 3),
                         interfaces: tuple[int, int, int, int] = (0, 3, 0, 4)) -> bytes:  # fmt: skip
    head = words(1, *source, 100, 1000, 0, *interfaces, len(records))
    return record(EXPANDED_FLOW, head + b"".join(records))


def counters_sample(*records: bytes, sequence: int = 1, source: int = 3) -> bytes:
    return record(COUNTERS, words(sequence, source, len(records)) + b"".join(records))


def datagram(*samples: bytes, agent: str = AGENT, sub_agent: int = 0, sequence: int = 1,
             uptime: int = 86_400_000, version: int = 5) -> bytes:  # fmt: skip
    return (
        words(version) + address(agent) + words(sub_agent, sequence, uptime, len(samples)) + b"".join(samples)
    )


def interface_counters(index: int, octets: tuple[int, int], packets: tuple[int, ...] = (0,) * 6) -> bytes:
    """Of one interface; ``packets`` are those to one, to a group and to all, in and then out."""
    inward = struct.pack(">Q6I", octets[0], *packets[:3], 7, 8, 9)
    outward = struct.pack(">Q5I", octets[1], *packets[3:], 10, 11)
    return record(1, struct.pack(">IIQII", index, 6, 10**9, 1, 3) + inward + outward + words(0))


def feed(*datagrams: bytes, verbatim: bool = False) -> Decoder:
    decoder = Decoder(verbatim=verbatim)
    for moment, content in enumerate(datagrams):
        decoder.feed(content, *SENDER, RECEIVED + moment)
    return decoder


def rows(decoder: Decoder, *columns: str, table: str = "flows") -> list[dict[str, Any]]:
    """Rows as they would be shown: addresses as text, elements as a dict of their values."""
    found = [batch for batch in decoder.drain() if batch.table == table]
    return [
        {name: shown(value) for name, value in zip(columns, row, strict=True)}
        for batch in found
        for row in batch_rows(batch, columns)
    ]


def shown(value: Any) -> Any:
    match value:
        case UUID():
            return text_from_address(value.bytes)
        case [{"element": _}, *_]:
            return {each["element"]: each["value"] for each in value}
        case bytes():
            return value.hex(":")
        case _:
            return value


def ethernet(packet: bytes, *between: int) -> bytes:
    """A frame with 16-bit numbers between the addresses and the packet: tags and the type."""
    macs = bytes.fromhex("020000000002 020000000001")
    return macs + struct.pack(f">{len(between)}H", *between) + packet


def ipv4(payload: bytes, protocol: int = 6, src: str = "10.1.0.1", dst: str = "10.2.0.2") -> bytes:
    length = 20 + len(payload)
    return struct.pack(">BBHHHBBH", 0x45, 0x28, length, 1, 0, 61, protocol, 0) + (
        ip_address(src).packed + ip_address(dst).packed
    ) + payload  # fmt: skip


def tcp(src_port: int = 40_000, dst_port: int = 443, flags: int = 0x18) -> bytes:
    return struct.pack(">HHIIBBHHH", src_port, dst_port, 1, 0, 0x50, flags, 8192, 0, 0)


FRAME = ethernet(ipv4(tcp()), 0x0800)
