"""A UDP socket that knows when its datagrams left and arrived, as the kernel saw it.

User space reads the clock microseconds late, and on a busy machine milliseconds late. The kernel stamps a
datagram when the driver hands it to the interface and when it comes from there (SO_TIMESTAMPING).
"""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import TYPE_CHECKING, Self

from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

# Missing from the socket module (linux/net_tstamp.h, asm-generic/socket.h).
_SO_TIMESTAMPING = 37
_TX_SOFTWARE, _RX_SOFTWARE, _SOFTWARE, _STAMP_ONLY = 1 << 1, 1 << 3, 1 << 4, 1 << 11
_STAMPS = _TX_SOFTWARE | _RX_SOFTWARE | _SOFTWARE | _STAMP_ONLY
_TIMESPECS = struct.Struct("@6q")  # three: by software, unused, by hardware
_NOTES_BYTES = 256
_LONGEST_DATAGRAM = 2048


class StampedSocket:
    """Connected to one server, so that the kernel drops what others send and tells when nobody listens.

    It leaves from a fresh random port (RFC 9109). Send once: the next stamp would be taken for the first.
    """

    def __init__(self, host: str, port: int) -> None:
        """Connect to the first address of ``host`` that we have a way to; OSError when there is none."""
        self._socket = _connected(host, port)
        self._events = select.poll()
        self._events.register(self._socket, select.POLLIN)
        self._sent: int | None = None
        self._about_to_send = 0

    @property
    def local(self) -> tuple[str, int]:
        """Our address and port."""
        address, port = self._socket.getsockname()[:2]
        return address, port

    @property
    def remote(self) -> tuple[str, int]:
        """The server's address and port."""
        address, port = self._socket.getpeername()[:2]
        return address, port

    @property
    def is_ipv6(self) -> bool:
        """Whether datagrams travel over IPv6."""
        return self._socket.family == socket.AF_INET6

    @property
    def sent(self) -> int:
        """When the datagram left, by the kernel where it said so, else just before we gave it away."""
        return self._about_to_send if self._sent is None else self._sent

    def send(self, payload: bytes) -> None:
        """Send one datagram."""
        self._about_to_send = time.time_ns()
        self._socket.send(payload)

    def receive(self, deadline: float) -> tuple[bytes, int]:
        """The next datagram and when it arrived; TimeoutError after the monotonic ``deadline``."""
        while (patience := deadline - time.monotonic()) > 0:
            for _, event in self._events.poll(patience * 1000):
                if event & select.POLLERR:
                    self._read_departure()
                try:
                    payload, notes, _, _ = self._socket.recvmsg(_LONGEST_DATAGRAM, _NOTES_BYTES)
                except BlockingIOError:  # only the stamp had come
                    continue
                return payload, _stamp(notes) or time.time_ns()
        raise TimeoutError("nothing came")

    def close(self) -> None:
        """Free the port."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_departure(self) -> None:
        try:
            _, notes, _, _ = self._socket.recvmsg(0, _NOTES_BYTES, socket.MSG_ERRQUEUE)
        except BlockingIOError:  # the error is no stamp; reading tells which it is
            return
        self._sent = self._sent or _stamp(notes)


def _connected(host: str, port: int) -> socket.socket:
    failure = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM):
        link = socket.socket(family, kind, protocol)
        try:
            link.setblocking(False)  # noqa: FBT003 -- the socket's own interface
            link.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, _STAMPS)
            link.connect(address)
        except OSError as error:
            link.close()
            failure = error
        else:
            return link
    raise failure


def _stamp(notes: Iterable[tuple[int, int, bytes]]) -> int | None:
    for level, kind, content in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPING:
            seconds, nanoseconds, *_ = _TIMESPECS.unpack(content)
            return int(seconds) * NANOSECONDS + int(nanoseconds)
    return None
