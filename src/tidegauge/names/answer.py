"""An answer of the domain name system as a binding."""

from __future__ import annotations

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.address import is_specified
from tidegauge.names.origin import ANSWER, POINTER

_HOUR = 3600
_DAY = 24 * _HOUR
_LONGEST_NAME = 253


def site_of_answer(
    name: str, address: bytes, client: bytes, at: int, ttl_seconds: int | None = None
) -> Binding | None:
    """What ``client`` meant by ``address`` after being told it; None where the answer names nothing.

    It holds for an hour at least, because programs keep connections, and often addresses, beyond the time
    to live; and for a day at most. The next answer to the same client about the same address ends it.
    """
    name = domain_name(name)
    if not name or not is_specified(address):
        return None
    until = at + max(_HOUR, min(ttl_seconds or 0, _DAY)) * NANOSECONDS
    return Binding(
        kind=Kind.SITE,
        address=address,
        name=name,
        since=at,
        until=until,
        source=ANSWER.source,
        confidence=ANSWER.confidence,
        client=client,
    )


def host_of_pointer(name: str, address: bytes, at: int) -> Binding | None:
    """What the owner of an address calls it (a PTR record), taken to hold for a week."""
    name = domain_name(name)
    if not name:
        return None
    return Binding(
        kind=Kind.HOST,
        address=address,
        name=name,
        since=at,
        until=at + 7 * _DAY * NANOSECONDS,
        source=POINTER.source,
        confidence=POINTER.confidence,
    )


def domain_name(text: str) -> str:
    """The name in lower case without the dot at its end; empty where the text cannot be one.

    >>> domain_name("WWW.Example.ORG."), domain_name("two words")
    ('www.example.org', '')
    """
    name = text.removesuffix(".").lower()
    return name if len(name) <= _LONGEST_NAME and name.isprintable() and not set(name) & _FOREIGN else ""


_FOREIGN = frozenset(" <>\"'\\/\ufffd")
