"""Listeners for IPFIX over TCP and TLS: a thread that reads connections, and a decoder of what they say.

Here Python touches blocks of bytes; messages and records are Rust's.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from threading import Event, Thread
from typing import TYPE_CHECKING

from tidegauge._core import Batch, Decoder, ExporterSnapshot
from tidegauge.receiving.certificate import Certificate
from tidegauge.receiving.connection import Connection
from tidegauge.receiving.decoding_settings import DecodingSettings
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tidegauge.exporters.element_file import ToldElement
    from tidegauge.receiving.copying import Copying, CopyRow
    from tidegauge.receiving.stream_settings import StreamSettings

__all__ = ["Batch", "ExporterSnapshot", "StreamListener"]

FULL_BYTES = 16 << 20
"""So many bytes decoded are worth taking out."""
CONGESTED_BYTES = 4 * FULL_BYTES
"""At so many nobody takes them, and reading pauses: the exporters' own buffers are the place to wait."""

CONNECTION_COUNTERS = ("opened", "ended", "refused", "not_agreed", "not_ipfix", "idle", "broken")
"""Connections that began and that ended, that were too many, and of those that ended the ones that did so by
no TLS session, by what is no IPFIX, by silence, and by an error of the network."""
CLOSE_SECONDS = 2.0
SILENCE_SECONDS = 0.5
"""So long, at the end, what comes is still read, and so long it may take to come."""

_BACKLOG = 128
_WAIT_SECONDS = 0.1
_PAUSE_SECONDS = 0.005
_LOG_SECONDS = 10.0
_TOLD_AT_MOST = 10

_log = Log(__name__)


class StreamListener:
    """Receives and decodes from the moment it is made; a ``Listener`` for connections.

    Each connection is a transport session with templates of its own (RFC 7011, section 8). One that sends
    what is no IPFIX is closed, since nobody knows where its next message would begin.
    """

    def __init__(
        self,
        address: ListenAddress,
        settings: StreamSettings,
        decoding: DecodingSettings | None = None,
        *,
        writer_id: str,
        counters_path: Path,
        copying: Copying | None = None,
    ) -> None:
        """Bind and start; raises OSError when the address is taken or not ours, or a certificate is useless.

        Totals are kept in ``counters_path``. ``copying`` is what else becomes of each message.
        """
        self._settings = settings
        self._certificate = Certificate(settings) if address.transport == "tls" else None
        self._socket = _bound(address)
        self.address = ListenAddress(address.host, self._socket.getsockname()[1], address.transport)
        self.connections: Counter[str] = Counter()
        self._open: dict[int, Connection] = {}
        words = (decoding or DecodingSettings()).words(address.transport)
        self._decoder = self._make_decoder(writer_id, counters_path, words, copying)
        self._undrained_bytes = 0
        self._filled = Event()
        self._stopping = Event()
        self._failure: Exception | None = None
        self._told = (0.0, 0)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._thread = Thread(target=self._run, name=f"stream listener {self.address}", daemon=True)
        self._thread.start()
        _log.info("listening", address=self.address)

    def gather(self, seconds: float, maximum_rows: int) -> list[Batch]:
        """Let rows gather for that long, or until there are about ``maximum_rows``, and take them."""
        deadline = time.monotonic() + seconds
        batches: list[Batch] = []
        while (rest := deadline - time.monotonic()) > 0 and sum(map(len, batches)) < maximum_rows:
            self._filled.wait(rest)
            if self._failure is not None:
                raise self._failure
            self._filled.clear()
            self._undrained_bytes = 0
            batches += self._decoder.drain(now=time.time_ns())
        return batches

    def name_elements(self, elements: Sequence[ToldElement]) -> None:
        """Name elements as somebody told, from now on."""
        self._decoder.name_elements(elements)

    def exporters(self) -> list[ExporterSnapshot]:
        """What every exporter heard so far looks like now."""
        return self._decoder.exporters()

    def counters(self) -> dict[str, int]:
        """Totals since the start, by the names of ``schema/counters.toml``."""
        return self._decoder.counters()

    def copies(self) -> list[CopyRow]:
        """What became of copies, a row for each who takes them; also after ``close``."""
        return self._decoder.copies()

    def close(self) -> list[Batch]:
        """Stop receiving, decode what sockets still hold, and hand over the last rows."""
        self._stopping.set()
        self._thread.join()
        return self._decoder.close()

    def _make_decoder(
        self, writer_id: str, counters_path: Path, words: dict[str, int], copying: Copying | None
    ) -> Decoder:
        order = copying.order() if copying else None
        where = (self.address.transport, self.address.host, self.address.port)
        try:
            return Decoder(
                writer=writer_id,
                counters_path=str(counters_path),
                settings=words,
                copying=(order, *where) if order else None,
            )
        except OSError:
            self._socket.close()
            raise

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn(_WAIT_SECONDS)
            self._say_farewell()
        except Exception as error:  # noqa: BLE001 -- kept for whoever gathers
            self._failure = error
            self._filled.set()
        finally:
            for connection in list(self._open.values()):
                self._end(connection)
            self._socket.close()
            self._selector.close()

    def _say_farewell(self) -> None:
        """Tell exporters that this is the end, and read what they had under way by then.

        What came after it would be acknowledged by the kernel and read by nobody.
        """
        for _ in range(_BACKLOG):
            # Who has sent already may wait to be let in.
            if not self._accept():
                break
        self._selector.unregister(self._socket)
        self._socket.close()
        for connection in self._open.values():
            connection.say_farewell()
        now = time.monotonic()
        heard, deadline = now, now + CLOSE_SECONDS
        while self._open and now < min(deadline, heard + SILENCE_SECONDS):
            if self._turn(SILENCE_SECONDS / 4):
                heard = time.monotonic()
            now = time.monotonic()

    def _turn(self, wait: float) -> bool:
        """Read what came; returns whether there was anything."""
        if self._undrained_bytes >= CONGESTED_BYTES and not self._stopping.is_set():
            time.sleep(_PAUSE_SECONDS)
            return True
        now = time.monotonic()
        waiting = [connection for connection in self._open.values() if connection.has_more]
        ready = [key.data for key, _ in self._selector.select(0 if waiting else wait)]
        has_read = False
        for connection in {*ready, *waiting}:
            has_read |= self._accept() if connection is None else self._read(connection, now)
        if not self._stopping.is_set():
            self._close_overdue(now)
        return has_read

    def _accept(self) -> bool:
        try:
            link, peer = self._socket.accept()
        except BlockingIOError:
            return False
        except OSError as error:
            self._refuse("cannot be accepted", error)
            time.sleep(_PAUSE_SECONDS)  # Out of descriptors: they come back when a connection ends.
            return False
        if len(self._open) >= self._settings.maximum_connections:
            link.close()
            self._refuse("there are too many", f"the limit is {self._settings.maximum_connections}")
            return True
        try:
            tls = self._certificate.context() if self._certificate else None
            connection = Connection(link, (peer[0].partition("%")[0], peer[1]), tls, time.monotonic())
        except OSError as error:
            link.close()
            self._refuse("broke at once", error)
            return True
        self.connections["opened"] += 1
        self._open[connection.link.fileno()] = connection
        self._selector.register(connection.link, connection.events, connection)
        return True

    def _read(self, connection: Connection, now: float) -> bool:
        before = connection.events
        try:
            data = connection.read(now)
        except OSError as error:
            reason = "broken" if connection.is_agreed else "not_agreed"
            self._close(connection, reason, error.strerror or str(error))
            return True
        if data is None:
            self._end(connection)
            return True
        if data:
            self._undrained_bytes += len(data)
            refusal = self._decoder.feed_stream(data, *connection.peer, time.time_ns())
            if refusal:
                self._close(connection, "not_ipfix", f"it sends what is no IPFIX: {refusal}")
                return True
            if self._undrained_bytes >= FULL_BYTES:
                self._filled.set()
        if connection.events != before:
            self._selector.modify(connection.link, connection.events, connection)
        return bool(data)

    def _close_overdue(self, now: float) -> None:
        idle_seconds = self._settings.idle_seconds
        for connection in [one for one in self._open.values() if one.is_overdue(now, idle_seconds)]:
            self._close(connection, "idle", f"nothing came for {idle_seconds:g} s")

    def _close(self, connection: Connection, counter: str, reason: str) -> None:
        self.connections[counter] += 1
        host, port = connection.peer
        if self._may_tell():
            _log.warning("a connection was closed", exporter=host, port=port, reason=reason)
        self._end(connection)

    def _end(self, connection: Connection) -> None:
        self._selector.unregister(connection.link)
        del self._open[connection.link.fileno()]
        connection.close()
        self._decoder.end_stream(*connection.peer, time.time_ns())
        self.connections["ended"] += 1

    def _refuse(self, reason: str, detail: object) -> None:
        self.connections["refused"] += 1
        if self._may_tell():
            _log.warning(
                "connections are refused",
                address=self.address,
                reason=reason,
                detail=detail,
                refused=self.connections["refused"],
            )

    def _may_tell(self) -> bool:
        """Whoever floods us must not fill the log. All are counted."""
        period = time.monotonic() // _LOG_SECONDS
        if period != self._told[0]:
            self._told = (period, 0)
        self._told = (period, self._told[1] + 1)
        return self._told[1] <= _TOLD_AT_MOST


def _bound(address: ListenAddress) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
        listening.listen(_BACKLOG)
        listening.setblocking(False)  # noqa: FBT003 -- the socket's own manner
    except OSError as error:
        listening.close()
        raise OSError(f"cannot listen at {address}: {error}") from error
    return listening
