"""Datagrams as a capture file: what tcpdump on the collector's loopback interface would have kept."""

from __future__ import annotations

import struct
from functools import cache
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from pathlib import Path

# The magic number of nanosecond stamps, version 2.4, no time zone, whole packets, Ethernet.
FILE_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
LOOPBACK_ETHERNET = bytes(12) + b"\x08\x00"
IPV4_HEADER_BYTES = 20
UDP_HEADER_BYTES = 8
NANOSECONDS = 1_000_000_000


class CaptureFile:
    """A pcap file being written, one UDP datagram over IPv4 after the other."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._file.write(FILE_HEADER)

    def add(
        self, payload: bytes, source: tuple[str, int], destination: tuple[str, int], arrival: int
    ) -> None:
        """Append a datagram that arrived at ``arrival``, in nanoseconds since 1970."""
        seconds, nanoseconds = divmod(arrival, NANOSECONDS)
        packet = LOOPBACK_ETHERNET + _udp_over_ipv4(payload, source, destination)
        self._file.write(struct.pack("<IIII", seconds, nanoseconds, len(packet), len(packet)) + packet)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _udp_over_ipv4(payload: bytes, source: tuple[str, int], destination: tuple[str, int]) -> bytes:
    """Put the headers in front. The UDP checksum is zero, which says that none was made (RFC 768)."""
    length = UDP_HEADER_BYTES + len(payload)
    udp = struct.pack(">HHHH", source[1], destination[1], length, 0)
    return _ipv4_header(source[0], destination[0], IPV4_HEADER_BYTES + length) + udp + payload


@cache
def _ipv4_header(source: str, destination: str, length: int) -> bytes:
    addresses = IPv4Address(source).packed + IPv4Address(destination).packed
    start = struct.pack(">BBHHHBB", 0x45, 0, length, 0, 0, 64, 17)
    return start + _internet_checksum(start + addresses).to_bytes(2, "big") + addresses


def _internet_checksum(header: bytes) -> int:
    """RFC 1071: the complement of the ones' complement sum of 16-bit words."""
    total: int = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
