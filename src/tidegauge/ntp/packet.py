"""The 48 bytes every NTP packet starts with (RFC 5905, section 7.3).

This side asks one question at a time. The server, which answers many, has its codec in Rust.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.clock.ntp_stamp import NtpStamp

_LAYOUT = struct.Struct("!BBbbII4sQQQQ")
HEADER_BYTES = _LAYOUT.size

UNSET = NtpStamp(0)

# Kisses that tell a client to stop or to slow down (RFC 5905, section 7.4); others only inform.
_FORBIDDING_KISSES = frozenset({"DENY", "RATE", "RSTR"})


class Mode(IntEnum):
    """What the sender of a packet is to its receiver."""

    RESERVED = 0
    SYMMETRIC_ACTIVE = 1
    SYMMETRIC_PASSIVE = 2
    CLIENT = 3
    SERVER = 4
    BROADCAST = 5
    CONTROL = 6
    PRIVATE = 7


class Leap(IntEnum):
    """The leap indicator: what happens to the last minute of the day, or that nobody knows the time."""

    NONE = 0
    INSERT = 1
    DELETE = 2
    UNSYNCHRONISED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """The header's fields.

    ``root_delay`` and ``root_dispersion`` are in nanoseconds, ``poll`` and ``precision`` are powers of two
    in seconds. A stamp of 0 says nothing.
    """

    leap: Leap = Leap.NONE
    version: int = 4
    mode: Mode = Mode.CLIENT
    stratum: int = 0
    poll: int = 0
    precision: int = 0
    root_delay: int = 0
    root_dispersion: int = 0
    reference_id: bytes = bytes(4)
    reference_time: NtpStamp = UNSET
    origin: NtpStamp = UNSET
    receive: NtpStamp = UNSET
    transmit: NtpStamp = UNSET

    @classmethod
    def from_bytes(cls, payload: bytes) -> Packet:
        """Read the header; extension fields and authentication after it are not looked at.

        Raises ValueError when there are fewer than 48 bytes; every bit pattern of 48 means something.
        """
        if len(payload) < HEADER_BYTES:
            raise ValueError(f"an NTP packet has at least {HEADER_BYTES} bytes, not {len(payload)}")
        first, stratum, poll, precision, delay, dispersion, reference_id, *stamps = _LAYOUT.unpack_from(
            payload
        )
        reference_time, origin, receive, transmit = map(NtpStamp, stamps)
        return cls(
            leap=Leap(first >> 6),
            version=first >> 3 & 7,
            mode=Mode(first & 7),
            stratum=stratum,
            poll=poll,
            precision=precision,
            root_delay=delay * NANOSECONDS >> 16,
            root_dispersion=dispersion * NANOSECONDS >> 16,
            reference_id=reference_id,
            reference_time=reference_time,
            origin=origin,
            receive=receive,
            transmit=transmit,
        )

    def to_bytes(self) -> bytes:
        """Write the header; lengths of time are rounded up, as they are bounds."""
        return _LAYOUT.pack(
            self.leap << 6 | self.version << 3 | self.mode,
            self.stratum,
            self.poll,
            self.precision,
            -(-(self.root_delay << 16) // NANOSECONDS),
            -(-(self.root_dispersion << 16) // NANOSECONDS),
            self.reference_id,
            self.reference_time.fixed,
            self.origin.fixed,
            self.receive.fixed,
            self.transmit.fixed,
        )

    @property
    def forbidding_kiss(self) -> str | None:
        """``DENY``, ``RSTR`` or ``RATE`` when the server wants to be left alone, else None."""
        code = self.reference_id.decode("ascii", "replace")
        return code if self.stratum == 0 and code in _FORBIDDING_KISSES else None

    @property
    def refuses_cookie(self) -> bool:
        """Whether the server cannot read the NTS cookie that it was sent (RFC 8915, section 5.7)."""
        return self.stratum == 0 and self.reference_id == b"NTSN"

    @property
    def reference_text(self) -> str:
        """The reference id as people read it.

        Letters at stratum 0 and 1 (``GPS``); below, an IPv4 address, which for a source reached by
        IPv6 is only a hash that looks like one.
        """
        if self.stratum > 1:
            return str(IPv4Address(self.reference_id))
        letters = self.reference_id.rstrip(b"\0")
        return letters.decode("ascii") if letters.isascii() else letters.hex()
