"""Addresses as flow records carry them: 16 bytes, IPv4 mapped."""

from __future__ import annotations

from tidegauge.flow.addresses import address_from_text

MAPPED_PREFIX = bytes(10) + b"\xff\xff"


def packed(text: str) -> bytes:
    """Return the 16 bytes of an address written as text.

    >>> packed("192.168.10.5").hex()
    '00000000000000000000ffffc0a80a05'
    """
    return address_from_text(text).to_bytes(16, "big")


def is_ipv4(address: bytes) -> bool:
    """Whether the 16 bytes hold a mapped IPv4 address."""
    return address.startswith(MAPPED_PREFIX)
