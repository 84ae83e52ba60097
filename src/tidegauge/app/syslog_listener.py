"""Syslog over UDP: routers and resolvers on other machines that send their log here (RFC 3164, RFC 5424)."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.names.inflow import Inflow
from tidegauge.names.recognition import source_of
from tidegauge.names.source import Growth, Provenance, growth_of
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Source

MOST_STREAMS = 64
_LONGEST_DATAGRAM = 65_535
_PRIORITY = re.compile(rb"<\d{1,3}>")
# Version, time, host, program, process, message id, no structured data: the old form keeps the first four.
_RFC_5424 = re.compile(rb"1 (\S+) (\S+) (\S+) (\S+) \S+ -(?: \xef\xbb\xbf)? ?")

_log = Log(__name__)


class _Stream(NamedTuple):
    """The lines of one format from one sender."""

    source: Source
    provenance: Provenance
    inflow: Inflow
    thread: Thread


class SyslogListener:
    """Reads what senders log in a format of names that is known; anything else is passed over.

    Each sender's lines are a stream of their own, since questions and answers are matched by line.
    """

    def __init__(
        self,
        address: ListenAddress,
        zone: tzinfo,
        clock: Callable[[], int],
        tell: Callable[[Iterable[Binding]], None],
    ) -> None:
        """Bind; raises OSError when the address is taken or not ours."""
        self._zone = zone
        self._clock = clock
        self._tell = tell
        self._streams: dict[str, list[_Stream]] = {}
        self._is_stopping = self._was_refused = False
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind((address.host, address.port))
        except OSError as error:
            self._socket.close()
            raise OSError(error.errno, error.strerror, str(address)) from None
        self.address = ListenAddress(address.host, self._socket.getsockname()[1])
        self._thread = Thread(target=self._receive, name=f"syslog {address}")

    def start(self) -> None:
        """Begin to receive."""
        self._thread.start()

    def stop(self) -> None:
        """Receive no more, and wait until what came was told."""
        self._is_stopping = True
        with suppress(OSError):
            # shutdown() wakes a thread that waits for a datagram, though an unconnected socket refuses it.
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        streams = [stream for of_sender in self._streams.values() for stream in of_sender]
        for stream in streams:
            stream.inflow.end()
        for stream in streams:
            stream.thread.join()

    def _receive(self) -> None:
        while not self._is_stopping:
            try:
                datagram, sender = self._socket.recvfrom(_LONGEST_DATAGRAM)
            except OSError as error:
                if not self._is_stopping:
                    _log.error("listening for syslog failed", error, address=self.address)
                return
            for line in datagram.rstrip(b"\0\r\n").splitlines():
                self._take(sender[0], line_of_message(line))

    def _take(self, sender: str, line: bytes) -> None:
        stream = self._stream_of(sender, line)
        if stream is None:
            return
        stream.provenance.written = self._clock()
        if not stream.inflow.offer(line) and not self._was_refused:
            self._was_refused = True
            _log.warning("syslog comes faster than it is read, and lines are left out", sender=sender)

    def _stream_of(self, sender: str, line: bytes) -> _Stream | None:
        streams = self._streams.get(sender, [])
        for stream in streams:
            if stream.source.recognises(line):
                return stream
        source = source_of(line)
        if source is None or growth_of(source) is not Growth.LINES:
            return None
        if sum(map(len, self._streams.values())) >= MOST_STREAMS:
            return None
        stream = self._opened(sender, source)
        self._streams.setdefault(sender, []).append(stream)
        return stream

    def _opened(self, sender: str, source: Source) -> _Stream:
        provenance, inflow = Provenance(self._clock(), self._zone), Inflow()
        thread = Thread(
            target=lambda: self._tell(source.bindings(inflow.stream, provenance)),
            name=f"syslog of {sender}",
        )
        thread.start()
        return _Stream(source, provenance, inflow, thread)


def line_of_message(message: bytes) -> bytes:
    """The line a log file would have for a message: without its priority, in the old form.

    >>> line_of_message(b"<30>1 2026-11-23T18:19:32Z gw dnsmasq 7 - - query[A] a.example from 10.0.0.9")
    b'2026-11-23T18:19:32Z gw dnsmasq[7]: query[A] a.example from 10.0.0.9'
    """
    line = _PRIORITY.sub(b"", message, count=1) if message.startswith(b"<") else message
    found = _RFC_5424.match(line)
    if found is None:
        return line
    process = b"" if found[4] == b"-" else b"[" + found[4] + b"]"
    return found[1] + b" " + found[2] + b" " + found[3] + process + b": " + line[found.end() :]
