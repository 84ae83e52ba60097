"""ICMP timestamps (RFC 792, types 13 and 14): milliseconds since midnight UTC, told by a machine's kernel.

They need a raw socket: what the system lets everybody send (ping sockets) is echo requests only.
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MILLISECOND = 1_000_000
DAY_MILLISECONDS = 86_400_000

_REQUEST, _REPLY = 13, 14
_MESSAGE = struct.Struct(">BBHHHIII")
_LONGEST = 2048
_SOURCE = slice(12, 16)  # of the IPv4 header


class Stamps(NamedTuple):
    """``sent`` and ``received`` by our clock, ``came`` and ``went`` by the other machine's; nanoseconds."""

    sent: int
    came: int
    went: int
    received: int


def ask(host: str, clock: Callable[[], int], *, timeout_seconds: float = 2.0) -> tuple[str, Stamps]:
    """Ask a machine once for its time of day, and give its address; the day is the one nearest to ours.

    Raises PermissionError, with what to do, where we may not; TimeoutError where nobody answers; ValueError
    for an answer that is no time of day; and OSError.
    """
    with _raw_socket() as link:
        link.connect((host, 0))
        question = (secrets.randbelow(2**16), secrets.randbelow(2**16))
        sent = clock()
        originate = sent // MILLISECOND % DAY_MILLISECONDS
        link.send(_request(*question, originate))
        deadline = time.monotonic() + timeout_seconds
        while (left := deadline - time.monotonic()) > 0:
            link.settimeout(left)
            try:
                packet = link.recv(_LONGEST)
            except TimeoutError:
                break
            received = clock()
            answer = reply_in(packet)
            if answer and answer[:3] == (*question, originate):
                came, went = (_instant_near(stamp, received) for stamp in answer[3:])
                return socket.inet_ntoa(packet[_SOURCE]), Stamps(sent, came, went, received)
    raise TimeoutError(f"{host} does not answer ICMP timestamp requests; many machines are told not to")


def reply_in(packet: bytes) -> tuple[int, int, int, int, int] | None:
    """Identifier, number and the three stamps of a reply in an IPv4 packet; None for anything else."""
    message = packet[(packet[0] & 0xF) * 4 :] if packet else b""
    if len(message) < _MESSAGE.size:
        return None
    kind, code, _, *told = _MESSAGE.unpack_from(message)
    if (kind, code) != (_REPLY, 0) or _checksum(message):
        return None
    identifier, number, originate, came, went = told
    return identifier, number, originate, came, went


def _request(identifier: int, number: int, originate: int) -> bytes:
    parts = (identifier, number, originate, 0, 0)
    return _MESSAGE.pack(_REQUEST, 0, _checksum(_MESSAGE.pack(_REQUEST, 0, 0, *parts)), *parts)


def _raw_socket() -> socket.socket:
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError:
        raise PermissionError(
            "ICMP timestamps need raw packets: run as root or with CAP_NET_RAW, or ask by ntp://"
        ) from None


def _instant_near(stamp: int, near: int) -> int:
    """The moment of a time of day. A set highest bit says that it is none (RFC 792)."""
    if stamp >= DAY_MILLISECONDS:
        raise ValueError(f"it tells {stamp:#010x}, which are no milliseconds since midnight UTC")
    day = DAY_MILLISECONDS * MILLISECOND
    first = near // day * day + stamp * MILLISECOND
    return min((first - day, first, first + day), key=lambda moment: abs(moment - near))


def _checksum(message: bytes) -> int:
    """The internet checksum (RFC 1071); 0 for a message that carries its own."""
    padded = message + bytes(len(message) % 2)
    total: int = sum(word for (word,) in struct.iter_unpack(">H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
