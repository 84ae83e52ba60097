"""One connection to a collector, plain or inside TLS, that knows which messages arrived."""

from __future__ import annotations

import fcntl
import select
import socket
import ssl
import struct
import termios
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegauge.metering.export_target import ExportTarget

AHEAD_BYTES = 1 << 18
"""So much is kept ready for the kernel to take."""
UNANSWERED_MILLISECONDS = 30_000
"""A collector whose machine acknowledges nothing for so long is gone."""
_READ_BYTES = 1 << 16
_LOOK_SECONDS = 0.005


class FarewellError(ConnectionResetError):
    """The collector sends no more, in good order: what is under way may still arrive."""


class CollectorLink:
    """Messages go in by ``put``, and leave ``pending`` once the collector's machine acknowledged them wholly.

    What its program makes of them nobody tells: IPFIX has no answers.
    """

    def __init__(self, target: ExportTarget, tls: ssl.SSLContext | None, timeout_seconds: float) -> None:
        """Connect; raises OSError when that fails or takes too long."""
        self._ready = bytearray()
        self._taken_bytes = self._put_bytes = 0
        self._pending: deque[tuple[int, bytes]] = deque()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._socket = socket.create_connection((target.host, target.port), timeout_seconds)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MILLISECONDS)
            self._tls = (
                tls.wrap_bio(self._incoming, self._outgoing, server_hostname=target.host) if tls else None
            )
            if self._tls:
                self._agree(self._tls)
            self._socket.settimeout(0)
        except OSError:
            self._socket.close()
            raise

    @property
    def has_room(self) -> bool:
        """Whether the kernel will soon want more than there is."""
        return len(self._ready) < AHEAD_BYTES

    @property
    def is_writing(self) -> bool:
        """Whether something waits for the kernel to take it."""
        return bool(self._ready)

    @property
    def pending(self) -> list[bytes]:
        """Messages that were not acknowledged wholly; also when the connection is broken."""
        self.release()
        return [message for _, message in self._pending]

    def put(self, message: bytes) -> None:
        """Send a message as soon as that is possible."""
        self._make_ready(message)
        self._pending.append((self._put_bytes, message))

    def turn(self, seconds: float) -> None:
        """Wait for so long, until something can be written or read, and do it. Raises OSError at the end."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._ready else 0))
        events = sum(event for _, event in poll.poll(seconds * 1000))
        if events & ~select.POLLOUT:
            self._listen()
        if self._ready:
            self._write()

    def release(self) -> int:
        """Forget the messages that were acknowledged; returns how many bytes of them there were."""
        (unacknowledged,) = struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)))
        acknowledged, released = self._taken_bytes - unacknowledged, 0
        while self._pending and self._pending[0][0] <= acknowledged:
            released += len(self._pending.popleft()[1])
        return released

    def farewell(self) -> None:
        """Say that no more will come, so that the collector can tell the end from an accident."""
        if self._tls:
            # It complains that the collector's own farewell has not come, on which nothing depends.
            with suppress(ssl.SSLError):
                self._tls.unwrap()
            self._socket.sendall(self._outgoing.read())
        self._socket.shutdown(socket.SHUT_WR)

    def finish(self, seconds: float) -> None:
        """Let what was put arrive, for so long: the collector said that it is going, and still listens."""
        deadline = time.monotonic() + seconds
        with suppress(OSError):
            while self._ready and time.monotonic() < deadline:
                self._write()
                select.select([], [self._socket], [], _LOOK_SECONDS)
            self._socket.shutdown(socket.SHUT_WR)
            while self._pending and time.monotonic() < deadline:
                self.release()
                time.sleep(_LOOK_SECONDS)

    def close(self) -> None:
        """Close the socket. What is pending does not arrive any more: it will, by another connection."""
        if self._pending:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def _write(self) -> None:
        with suppress(BlockingIOError):
            count = self._socket.send(self._ready)
            self._taken_bytes += count
            del self._ready[:count]

    def _agree(self, tls: ssl.SSLObject) -> None:
        is_agreed = False
        while not is_agreed:
            try:
                tls.do_handshake()
                is_agreed = True
            except ssl.SSLWantReadError:
                pass
            finally:
                # A complaint goes out as well.
                told = self._outgoing.read()
                self._socket.sendall(told)
                self._put_bytes += len(told)
            if not is_agreed:
                if not (heard := self._socket.recv(_READ_BYTES)):
                    raise ConnectionResetError("the collector ended the connection before TLS was agreed on")
                self._incoming.write(heard)
        self._taken_bytes = self._put_bytes

    def _make_ready(self, data: bytes) -> None:
        if self._tls:
            self._tls.write(data)
            data = self._outgoing.read()
        self._ready += data
        self._put_bytes += len(data)

    def _listen(self) -> None:
        """Collectors say nothing but, inside TLS, matters of TLS; or that they are gone."""
        heard = self._socket.recv(_READ_BYTES)
        if heard and self._tls:
            self._incoming.write(heard)
            try:
                heard = self._tls.read(_READ_BYTES)
            except ssl.SSLWantReadError:
                answer = self._outgoing.read()
                self._ready += answer
                self._put_bytes += len(answer)
                return
            except ssl.SSLZeroReturnError:
                heard = b""
        if not heard:
            raise FarewellError("the collector ended the connection")
