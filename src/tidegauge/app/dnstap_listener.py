"""A unix socket that resolvers write dnstap to: Unbound, BIND, Knot, CoreDNS."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, BinaryIO, cast

from tidegauge.names.frame_stream import frames
from tidegauge.names.source import Provenance
from tidegauge.names.sources.dnstap import CONTENT_TYPE, bindings_of_frames
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tidegauge.flow.binding import Binding

MOST_WRITERS = 32

_log = Log(__name__)


class DnstapListener:
    """Takes as many writers as come, each in a thread of its own, and tells what they say.

    Who may connect is the file system's to say: writing needs permission to write to the socket.
    """

    def __init__(
        self, path: Path, clock: Callable[[], int], tell: Callable[[Iterable[Binding]], None]
    ) -> None:
        """Make the socket; raises OSError where somebody else listens there, or it may not be made."""
        self._path = path
        self._clock = clock
        self._tell = tell
        self._socket = _bound(path)
        self._lock = Lock()
        self._writers: dict[socket.socket, Thread] = {}
        self._thread = Thread(target=self._accept, name=f"dnstap {path.name}")

    def start(self) -> None:
        """Begin to take writers."""
        self._thread.start()

    def stop(self) -> None:
        """Let go of all writers, and wait until what they wrote was told."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            writers = dict(self._writers)
        for connection in writers:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in writers.values():
            thread.join()
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                if len(self._writers) >= MOST_WRITERS:
                    connection.close()
                    _log.warning("too many writers of dnstap", path=self._path, most=MOST_WRITERS)
                    continue
                thread = Thread(target=self._read, args=[connection], name=f"dnstap {self._path.name} writer")
                self._writers[connection] = thread
                thread.start()

    def _read(self, connection: socket.socket) -> None:
        provenance = Provenance(self._clock())
        try:
            with connection.makefile("rb") as stream:
                messages = frames(
                    cast("BinaryIO", stream), CONTENT_TYPE, provenance.refused, reply=connection.sendall
                )
                self._tell(bindings_of_frames(messages, provenance.refused))
        except OSError as error:
            _log.info("a writer of dnstap went away", path=self._path, reason=error)
        finally:
            if provenance.refused:
                _log.warning("dnstap that cannot be read", path=self._path, reasons=dict(provenance.refused))
            with self._lock:
                del self._writers[connection]
            connection.close()


def _bound(path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_abandoned(path)
        found.bind(str(path))
        found.listen()
    except OSError as error:
        found.close()
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    return found


def _remove_abandoned(path: Path) -> None:
    """Remove a socket that a killed process left; one that somebody listens at stays."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
