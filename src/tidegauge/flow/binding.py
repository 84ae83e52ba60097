"""Bindings: what somebody said an address was called, for how long, and how far to believe it.

A name is never a property of an address: addresses are lent. A binding holds for a while, comes from a
source, and carries that source's confidence, so that two that disagree can be weighed and none is lost.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What the name of a binding names."""

    MAC = "mac"
    """The network card that held the address, as text with colons: the link from a lease to a machine."""
    MACHINE = "machine"
    """The device that held the address, by the name people gave it."""
    PERSON = "person"
    """Who used the address."""
    HOST = "host"
    """What the domain name system calls the address, whoever asks."""
    SITE = "site"
    """What ``client`` asked for when it was told the address."""


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """From ``since`` until ``until``, excluded, ``address`` was called ``name``, says ``source``.

    Addresses are 16 bytes, IPv4 mapped; instants are nanoseconds since 1970, and ``until`` is None while
    nothing ended it. ``client`` is whom it was told to, None where it is so for everybody. ``confidence``
    is from 0 to 100; a person's own word, ``is_pinned``, outranks them all. The same binding said twice
    means what it means once.
    """

    kind: Kind
    address: bytes
    name: str
    since: int
    until: int | None
    source: str
    confidence: int
    client: bytes | None = None
    is_pinned: bool = False
