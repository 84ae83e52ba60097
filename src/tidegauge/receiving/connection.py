"""One exporter's connection, plain or inside TLS, read without ever waiting for it."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE

HANDSHAKE_SECONDS = 10.0
"""Within this a TLS session has to be agreed on."""
READ_BYTES = 1 << 18
"""Read at a time, before others have their turn."""
_PIECE_BYTES = 1 << 16


class Connection:
    """Bytes of an exporter, as they come. ``peer`` is its address and port."""

    def __init__(
        self, link: socket.socket, peer: tuple[str, int], tls: ssl.SSLContext | None, now: float
    ) -> None:
        """Take over an accepted socket at ``now``; raises OSError when it is broken already."""
        link.setblocking(False)  # noqa: FBT003 -- the socket's own manner
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.peer = peer
        self.link = tls.wrap_socket(link, server_side=True, do_handshake_on_connect=False) if tls else link
        self.is_agreed = tls is None
        self.events = EVENT_READ
        """What has to happen before it is worth another look."""
        self.has_more = False
        """Whether more can be read at once, though the kernel does not say so."""
        self._heard = now

    def read(self, now: float) -> bytes | None:
        """What can be read by now, empty where nothing can; None at the end. Raises OSError if it broke."""
        self._heard = now
        self.has_more, self.events = False, EVENT_READ
        pieces: list[bytes] = []
        length = 0
        try:
            self._agree()
            while length < READ_BYTES:
                piece = self.link.recv(_PIECE_BYTES)
                if not piece:
                    return b"".join(pieces) or None
                pieces.append(piece)
                length += len(piece)
            self.has_more = True
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        except ssl.SSLWantWriteError:
            self.events = EVENT_WRITE
        except ssl.SSLEOFError:
            # The connection ended without a farewell inside TLS. What came is whole messages or is not.
            return b"".join(pieces) or None
        except OSError:
            if not pieces:
                raise
            self.has_more = True
        return b"".join(pieces)

    def is_overdue(self, now: float, idle_seconds: float) -> bool:
        """Whether nothing came for too long."""
        return now - self._heard > (idle_seconds if self.is_agreed else HANDSHAKE_SECONDS)

    def say_farewell(self) -> None:
        """Tell the exporter that no more is wanted; what is under way can still be read."""
        with suppress(OSError):
            # Not the TLS socket's own: that would end TLS in the other direction as well.
            socket.socket.shutdown(self.link, socket.SHUT_WR)

    def close(self) -> None:
        """End it, without waiting for a farewell."""
        self.link.close()

    def _agree(self) -> None:
        if not self.is_agreed:
            assert isinstance(self.link, ssl.SSLSocket)
            self.link.do_handshake()
            self.is_agreed = True
