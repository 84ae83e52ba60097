"""The records of NTS key establishment (RFC 8915, section 4): what client and server say inside TLS."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

_HEADER = struct.Struct("!HH")
_CRITICAL = 0x8000
_LONGEST = 0xFFFF

NTPV4 = 0
"""The protocol that keys are established for (RFC 8915, section 7.7); the only one there is."""
AES_SIV_CMAC_256 = 15
"""The algorithm that every implementation has (RFC 8915, section 5.1); numbers of RFC 5297's registry."""

MESSAGE_LIMIT = 16 * 1024
"""Of a message that is longer nobody needs the end: eight cookies and all the rest are about one kilobyte."""


class RecordKind(IntEnum):
    """The record types (RFC 8915, section 7.6)."""

    END_OF_MESSAGE = 0
    NEXT_PROTOCOL = 1
    ERROR = 2
    WARNING = 3
    AEAD_ALGORITHM = 4
    NEW_COOKIE = 5
    SERVER = 6
    PORT = 7


class ErrorCode(IntEnum):
    """Why a server establishes no keys (RFC 8915, section 7.8)."""

    UNRECOGNISED_CRITICAL_RECORD = 0
    BAD_REQUEST = 1
    INTERNAL_SERVER_ERROR = 2


@dataclass(frozen=True, slots=True)
class Record:
    """A type, what it says, and whether a receiver that does not know the type has to give up."""

    kind: int
    body: bytes = b""
    is_critical: bool = False

    @classmethod
    def of_numbers(cls, kind: RecordKind, *numbers: int, is_critical: bool = False) -> Record:
        """A record whose body is a list of 16-bit numbers: protocols, algorithms, a port, an error."""
        return cls(kind, struct.pack(f"!{len(numbers)}H", *numbers), is_critical)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The body as 16-bit numbers; ValueError when it is none."""
        if len(self.body) % 2:
            raise ValueError(
                f"an NTS record of type {self.kind} has an odd number of bytes, {len(self.body)}"
            )
        return struct.unpack(f"!{len(self.body) // 2}H", self.body)

    @property
    def number(self) -> int:
        """The body as one 16-bit number; ValueError when it is something else."""
        if len(self.body) != 2:  # noqa: PLR2004 -- 16 bits
            raise ValueError(f"an NTS record of type {self.kind} has {len(self.body)} bytes in place of 2")
        return self.numbers[0]

    def to_bytes(self) -> bytes:
        """Write header and body; ValueError when the length does not fit its 16 bits."""
        if len(self.body) > _LONGEST:
            raise ValueError(f"{len(self.body)} bytes do not fit into an NTS record; its length has 16 bits")
        return _HEADER.pack(self.kind | _CRITICAL * self.is_critical, len(self.body)) + self.body


END = Record(RecordKind.END_OF_MESSAGE, is_critical=True)


class MessageReader:
    """Collects a message from the pieces in which it arrives: TLS may split anywhere."""

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self._limit = limit
        self._waiting = b""
        self._taken = 0
        self._records: list[Record] = []

    def feed(self, piece: bytes) -> tuple[Record, ...] | None:
        """Take what arrived; returns the records, without the last, once End of Message was among them.

        What follows the end is not looked at. Raises ValueError when the message grows beyond the limit.
        """
        self._taken += len(piece)
        if self._taken > self._limit:
            raise ValueError(f"an NTS-KE message is longer than {self._limit} bytes")
        self._waiting += piece
        while len(self._waiting) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._waiting)
            end = _HEADER.size + length
            if len(self._waiting) < end:
                break
            record = Record(kind & ~_CRITICAL, self._waiting[_HEADER.size : end], bool(kind & _CRITICAL))
            self._waiting = self._waiting[end:]
            if record.kind == RecordKind.END_OF_MESSAGE:
                return tuple(self._records)
            self._records.append(record)
        return None
