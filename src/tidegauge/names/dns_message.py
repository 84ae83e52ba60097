"""DNS answers in wire form (RFC 1035): the name that was asked, and the addresses it led to."""

from __future__ import annotations

from typing import NamedTuple

from tidegauge.names.octets import Octets

_RESPONSE = 0x8000
_RCODE = 0x000F
_INTERNET = 1
_POINTER, _LABEL_LENGTH = 0xC0, 0x3F
_MOST_LABELS = 128
_MOST_RECORDS = 512
_V4_MAPPED = bytes(10) + b"\xff\xff"


class DnsAnswer(NamedTuple):
    """An answer that found something. ``pointers`` are the names a PTR question led to."""

    name: str
    addresses: tuple[bytes, ...]
    pointers: tuple[str, ...]
    ttl_seconds: int


def answer_from_wire(message: bytes) -> DnsAnswer | None:
    """Read an answer; None where it is a question or found nothing.

    Addresses count for the name that was asked, whatever aliases lie between. The time to live is the
    shortest on the way. Raises ValueError for anything that is no DNS message.
    """
    walk = Octets(message)
    walk.take(2)
    flags, questions, answers = walk.number(2), walk.number(2), walk.number(2)
    walk.take(4)
    if not flags & _RESPONSE or flags & _RCODE or questions != 1 or answers > _MOST_RECORDS:
        return None
    name = _name(walk)
    walk.take(4)
    records = [record for _ in range(answers) if (record := _record(walk))]
    addresses = tuple(value for _, value in records if isinstance(value, bytes))
    pointers = tuple(value for _, value in records if isinstance(value, str) and value)
    if not addresses and not pointers:
        return None
    return DnsAnswer(name, addresses, pointers, min(ttl for ttl, _ in records))


def address_of_pointer(name: str) -> bytes | None:
    """The address a PTR question is about; None where the name is none of those.

    >>> address_of_pointer("1.2.0.192.in-addr.arpa").hex()
    '00000000000000000000ffffc0000201'
    """
    labels = name.lower().removesuffix(".").split(".")
    try:
        if labels[-2:] == ["in-addr", "arpa"] and len(labels) == 6:  # noqa: PLR2004 (four octets and the suffix)
            return _V4_MAPPED + bytes(int(label) for label in reversed(labels[:-2]))
        if labels[-2:] == ["ip6", "arpa"] and len(labels) == 34:  # noqa: PLR2004 (32 nibbles and the suffix)
            return bytes.fromhex("".join(reversed(labels[:-2])))
    except ValueError:
        pass
    return None


def _record(walk: Octets) -> tuple[int, bytes | str] | None:
    """Time to live and value of a record we care for: an address, a PTR's name, "" for an alias."""
    _name(walk)
    type_, class_, ttl, length = walk.number(2), walk.number(2), walk.number(4), walk.number(2)
    value = Octets(walk.content, walk.place)
    walk.take(length)
    if class_ != _INTERNET:
        return None
    match type_, length:
        case (1, 4):  # A
            return ttl, _V4_MAPPED + value.take(4)
        case (28, 16):  # AAAA
            return ttl, value.take(16)
        case (12, _):  # PTR
            return ttl, _name(value)
        case (5, _):  # CNAME
            return ttl, ""
    return None


def _name(walk: Octets) -> str:
    """The name at this place, and on to what follows it.

    A pointer must lead backwards, so that a message cannot send us round in circles (RFC 1035, 4.1.4).
    """
    labels: list[str] = []
    reader, limit = walk, walk.place
    while length := reader.number(1):
        if length & _POINTER == _POINTER:
            target = (length & _LABEL_LENGTH) << 8 | reader.number(1)
            if target >= limit:
                raise ValueError("a name points forward")
            reader, limit = Octets(walk.content, target), target
        elif length & _POINTER or len(labels) >= _MOST_LABELS:
            raise ValueError("no label of a name")
        else:
            labels.append(reader.take(length).decode("ascii", "backslashreplace"))
    return ".".join(labels)
