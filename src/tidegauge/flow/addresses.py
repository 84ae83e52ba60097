"""IP addresses as 128-bit numbers and as text. IPv4 is kept mapped, ``::ffff:a.b.c.d`` (RFC 4291)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

BITS = 128
_MAPPED = 0xFFFF << 32
_MAPPED_BYTES = bytes(10) + b"\xff\xff"
_V4_OFFSET = 96
_V4_OCTETS = 4
_ABBREVIATED = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}")


@dataclass(frozen=True, slots=True)
class Network:
    """All addresses that share the first ``length`` of 128 bits; one address has length 128."""

    first: int
    length: int

    @property
    def last(self) -> int:
        """The highest address of the network."""
        return self.first | ((1 << (BITS - self.length)) - 1)

    def __str__(self) -> str:
        """The network as people write it; a single address without a length.

        >>> str(network_from_text("10.1.0.0/16")), str(network_from_text("2001:db8::1"))
        ('10.1.0.0/16', '2001:db8::1')
        """
        address = text_from_address(self.first.to_bytes(16, "big"))
        if self.length == BITS:
            return address
        mapped = self.first >> 32 == _MAPPED >> 32 and self.length >= _V4_OFFSET
        return f"{address}/{self.length - _V4_OFFSET if mapped else self.length}"


def text_from_address(address: bytes) -> str:
    """Write 16 bytes as an address, mapped IPv4 dotted.

    >>> text_from_address(bytes(10) + bytes([255, 255, 192, 0, 2, 1]))
    '192.0.2.1'
    """
    if address[:12] == _MAPPED_BYTES:
        return f"{address[12]}.{address[13]}.{address[14]}.{address[15]}"
    return str(ipaddress.IPv6Address(address))


def address_from_text(text: str) -> int:
    """Read an address of either family. Raises ValueError when it is none.

    >>> hex(address_from_text("192.0.2.1"))
    '0xffffc0000201'
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return _MAPPED | int(address)
    if address.scope_id:
        raise ValueError(f"{text!r} carries a zone, which no flow record does")
    return int(address)


def network_from_text(text: str) -> Network:
    """Read an address or a network; ``10/8`` and ``172.16/12`` may leave out zeros, host bits are dropped.

    Raises ValueError when the text is neither.

    >>> str(network_from_text("172.16/12")), str(network_from_text("10.0.0.7/8"))
    ('172.16.0.0/12', '10.0.0.0/8')
    """
    address, slash, length = text.partition("/")
    if slash and _ABBREVIATED.fullmatch(address):
        address += ".0" * (_V4_OCTETS - 1 - address.count("."))
    number = address_from_text(address)
    if not slash:
        return Network(number, BITS)
    widest = BITS if ":" in address else BITS - _V4_OFFSET
    if not length.isdecimal() or int(length) > widest:
        raise ValueError(f"{length!r} is no prefix length of 0 to {widest}")
    bits = int(length) + (BITS - widest)
    return Network(number >> (BITS - bits) << (BITS - bits), bits)


def uuid_text(address: int) -> str:
    """The text a database's UUID type reads for these 128 bits."""
    digits = f"{address:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
