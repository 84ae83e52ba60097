"""Addresses as files and logs spell them."""

from __future__ import annotations

from functools import lru_cache

from tidegauge.flow.addresses import address_from_text


@lru_cache(maxsize=65536)
def packed_address(text: str) -> bytes | None:
    """16 bytes for an address of either family, IPv4 mapped; None for any other text.

    A zone (``fe80::1%eth0``) is dropped: flow records have none. The same few thousand addresses make up
    a log, hence the cache.

    >>> packed_address("192.0.2.1").hex(), packed_address("example.org")
    ('00000000000000000000ffffc0000201', None)
    """
    try:
        return address_from_text(text.partition("%")[0]).to_bytes(16, "big")
    except ValueError:
        return None


def is_specified(address: bytes) -> bool:
    """Whether this is an address at all: resolvers that block a name answer with zeros."""
    return any(address[12:]) or (any(address[:12]) and address[:12] != _MAPPED)


_MAPPED = bytes(10) + b"\xff\xff"
