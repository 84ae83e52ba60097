"""The NTP client: one question, one measurement.

The question tells nothing about us (draft-ietf-ntp-data-minimization): everything is zero but the
transmit stamp, which is random. The real one stays here, and the random one, which the server
returns, proves that the answer is to this question. Every question leaves from a fresh random
port (RFC 9109).
"""

from __future__ import annotations

import secrets
import socket
import struct
import time

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.clock.ntp_stamp import NtpStamp
from tidegauge.ntp.measurement import Measurement
from tidegauge.ntp.packet import UNSET, Mode, Packet

NTP_PORT = 123

# Missing from the socket module. User space reads the clock microseconds late, and on a busy
# machine milliseconds late; the kernel stamps a datagram when it arrives.
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@qq")
_LONGEST_ANSWER = 2048


class KissOfDeathError(OSError):
    """The server asks not to be asked: for ever (DENY, RSTR) or so often (RATE)."""


def query(host: str, port: int = NTP_PORT, *, timeout_seconds: float = 2.0) -> Measurement:
    """Ask a server for the time, once.

    Raises TimeoutError when no valid answer comes, KissOfDeathError when the server refuses, and
    OSError when the name is unknown or nothing listens there.
    """
    with _connected(host, port) as link:
        question = Packet(transmit=NtpStamp(secrets.randbits(64)))
        deadline = time.monotonic() + timeout_seconds
        sent = time.time_ns()
        link.send(question.to_bytes())
        answer, received = _await_answer(link, question, deadline)
        server, port = link.getpeername()[:2]
    if kiss := answer.forbidding_kiss:
        wish = "to be asked less often" if kiss == "RATE" else "not to be asked by us"
        raise KissOfDeathError(f"{server} port {port} answered {kiss}: it wishes {wish}")
    return Measurement(
        server=server,
        port=port,
        sent=sent,
        server_received=answer.receive.instant_near(received),
        server_sent=answer.transmit.instant_near(received),
        received=received,
        leap=answer.leap,
        stratum=answer.stratum,
        precision=answer.precision,
        root_delay=answer.root_delay,
        root_dispersion=answer.root_dispersion,
        reference_id=answer.reference_text,
    )


def _connected(host: str, port: int) -> socket.socket:
    """A socket to the first address of ``host`` that we have a way to.

    Connected, so that the kernel drops what others send us and tells us when nobody listens.
    """
    failure = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM):
        link = socket.socket(family, kind, protocol)
        try:
            link.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            link.connect(address)
        except OSError as error:
            link.close()
            failure = error
        else:
            return link
    raise failure


def _await_answer(link: socket.socket, question: Packet, deadline: float) -> tuple[Packet, int]:
    """The answer to ``question`` and when it arrived; anything else that comes is passed over."""
    while (patience := deadline - time.monotonic()) > 0:
        link.settimeout(patience)
        try:
            payload, notes, _, _ = link.recvmsg(_LONGEST_ANSWER, socket.CMSG_SPACE(_TIMESPEC.size))
        except TimeoutError:
            break
        arrived = _arrival(notes) or time.time_ns()
        if answer := _answer_to(question, payload):
            return answer, arrived
    server, port = link.getpeername()[:2]
    raise TimeoutError(f"no answer from {server} port {port}; does it serve NTP, and does UDP get through?")


def _answer_to(question: Packet, payload: bytes) -> Packet | None:
    try:
        answer = Packet.from_bytes(payload)
    except ValueError:
        return None
    is_ours = answer.mode is Mode.SERVER and answer.origin == question.transmit
    return answer if is_ours and answer.transmit != UNSET else None


def _arrival(notes: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, content in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(content)
            return int(seconds) * NANOSECONDS + int(nanoseconds)
    return None
