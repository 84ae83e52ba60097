"""What seeds are made of: numbers as the wire has them, messages, sets and templates."""

from __future__ import annotations

import struct

NOW = 1_700_000_000_000_000_000
SECOND = 1_000_000_000
OPTIONS_TEMPLATE_SET, TEMPLATE_SET = 3, 2


def words(*values: int) -> bytes:
    """Two bytes each."""
    return struct.pack(f">{len(values)}H", *values)


def words32(*values: int) -> bytes:
    """Four bytes each."""
    return struct.pack(f">{len(values)}I", *values)


def framed(*made: bytes) -> bytes:
    """Put each datagram behind its length."""
    return b"".join(words(len(one)) + one for one in made)


def listed(body: bytes) -> bytes:
    """Behind its length."""
    return words(len(body)) + body


def ipfix(*sets: bytes, domain: int = 1, sequence: int = 0) -> bytes:
    """An IPFIX message of these sets."""
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), NOW // SECOND, sequence, domain) + body


def netflow9(*sets: bytes, uptime: int = 3_600_000) -> bytes:
    """A datagram of NetFlow v9, of these sets."""
    return struct.pack(">HHIIII", 9, len(sets), uptime, NOW // SECOND, 0, 1) + b"".join(sets)


def a_set(number: int, body: bytes) -> bytes:
    """A set, padded to four bytes."""
    body += bytes(-len(body) % 4)
    return words(number, 4 + len(body)) + body


def template(number: int, *fields: tuple[int, ...], scopes: int = 0) -> bytes:
    """A template of IPFIX, of options where it has scopes; fields are id, length and enterprise."""
    head = words(number, len(fields), scopes) if scopes else words(number, len(fields))
    return head + b"".join(map(specifier, fields))


def specifier(field: tuple[int, ...]) -> bytes:
    """A field of a template: with the bit of enterprises where it has one."""
    number, length, *enterprise = field
    return words(number | 0x8000 if enterprise else number, length) + words32(*enterprise)
