"""Messages of Linux's connection tracking as it sends them over netlink, made for tests."""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

TCP = 6
NEW, GONE = 0x100, 0x102
CREATED = 0x600


class Ends(NamedTuple):
    """Of one direction."""

    src: str
    src_port: int
    dst: str
    dst_port: int


def message(kind: int, number: int, original: Ends, reply: Ends, *more: bytes) -> bytes:
    """A message about one connection, number ``number``."""
    told = ends(1, original) + ends(2, reply) + attribute(12, struct.pack(">I", number)) + b"".join(more)
    flags = CREATED if kind == NEW else 0
    return struct.pack("=IHHIII", 20 + len(told), kind, flags, 0, 0, 2) + told


def ends(kind: int, told: Ends) -> bytes:
    addresses = attribute(1, _packed(told.src)) + attribute(2, _packed(told.dst))
    ports = attribute(2, struct.pack(">H", told.src_port)) + attribute(3, struct.pack(">H", told.dst_port))
    return attribute(kind, attribute(1, addresses) + attribute(2, attribute(1, bytes([TCP])) + ports))


def life(start: int, stop: int | None = None) -> bytes:
    """When a connection began and ended, in nanoseconds since 1970."""
    stopped = b"" if stop is None else attribute(2, struct.pack(">Q", stop))
    return attribute(20, attribute(1, struct.pack(">Q", start)) + stopped)


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _packed(address: str) -> bytes:
    return ipaddress.IPv4Address(address).packed
