"""What may follow the 48 bytes of an NTP packet: extension fields (RFC 7822), those of NTS among them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from tidegauge.ntp.packet import HEADER_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = struct.Struct("!HH")
_LENGTHS = struct.Struct("!HH")
_WORD = 4
_SHORTEST = 16
_LONGEST = 0xFFFF


class FieldKind(IntEnum):
    """The field types of NTS (RFC 8915, section 7.4)."""

    UNIQUE_IDENTIFIER = 0x0104
    COOKIE = 0x0204
    COOKIE_PLACEHOLDER = 0x0304
    AUTHENTICATOR = 0x0404


@dataclass(frozen=True, slots=True)
class ExtensionField:
    """A type and what it says; types we do not know are numbers.

    Read back, ``body`` includes the zeros that filled it up: the wire does not tell them apart.
    """

    kind: int
    body: bytes

    def to_bytes(self) -> bytes:
        """Write the field, filled up with zeros to a multiple of four and to 16 bytes at least.

        Raises ValueError when the length does not fit its 16 bits.
        """
        length = max(_SHORTEST, _HEADER.size + _padded(len(self.body)))
        if length > _LONGEST:
            raise ValueError(f"an extension field of {length} bytes does not fit; its length has 16 bits")
        return _HEADER.pack(self.kind, length) + self.body.ljust(length - _HEADER.size, b"\0")


def fields_from_bytes(payload: bytes, start: int = HEADER_BYTES) -> Iterator[tuple[int, ExtensionField]]:
    """Read the fields from ``start`` to the end, each with the place where it starts.

    Raises ValueError at a field whose length is no multiple of four, below 16, or beyond the packet. A
    message authentication code of old, which nobody can tell from a field, is no exception.
    """
    while start < len(payload):
        if len(payload) - start < _SHORTEST:
            raise ValueError(
                f"{len(payload) - start} bytes at byte {start} are too few for an extension field"
            )
        kind, length = _HEADER.unpack_from(payload, start)
        if length % _WORD or not _SHORTEST <= length <= len(payload) - start:
            raise ValueError(
                f"the extension field at byte {start} claims an impossible length, {length} bytes"
            )
        yield start, ExtensionField(kind, payload[start + _HEADER.size : start + length])
        start += length


@dataclass(frozen=True, slots=True)
class Authenticator:
    """The body of an authenticator field (RFC 8915, section 5.6): the nonce, and what was encrypted."""

    nonce: bytes
    ciphertext: bytes

    @classmethod
    def from_body(cls, body: bytes) -> Authenticator:
        """Raises ValueError when the lengths inside do not fit into the field."""
        if len(body) < _LENGTHS.size:
            raise ValueError("an authenticator field is too short for its two lengths")
        nonce_length, length = _LENGTHS.unpack_from(body)
        start = _LENGTHS.size + _padded(nonce_length)
        if start + _padded(length) > len(body):
            claim = f"a nonce of {nonce_length} and a ciphertext of {length}"
            raise ValueError(f"an authenticator field of {len(body)} bytes claims {claim}")
        nonce = body[_LENGTHS.size : _LENGTHS.size + nonce_length]
        return cls(nonce, body[start : start + length])

    def to_body(self) -> bytes:
        """Write both lengths, then nonce and ciphertext, each filled up to a multiple of four."""
        lengths = _LENGTHS.pack(len(self.nonce), len(self.ciphertext))
        return lengths + _filled(self.nonce) + _filled(self.ciphertext)


def _padded(length: int) -> int:
    return length + -length % _WORD


def _filled(part: bytes) -> bytes:
    return part.ljust(_padded(len(part)), b"\0")
