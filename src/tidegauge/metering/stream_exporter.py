"""An exporter over TCP or TLS: what was sent arrives, or waits until there is a collector again.

Each connection is a session of its own (RFC 7011, sections 8 and 10.4): templates are told once in it, and
sequence numbers count from 0. What the collector's machine had not acknowledged when a connection broke goes
out again in the next one.
"""

from __future__ import annotations

import random
import time
from collections import deque
from contextlib import suppress
from threading import Condition, Thread
from typing import TYPE_CHECKING

from tidegauge.metering.announcement import Counted, not_sent
from tidegauge.metering.collector_link import CollectorLink, FarewellError
from tidegauge.metering.encoder import STREAM_MESSAGE_BYTES, Batch, Encoder
from tidegauge.metering.exporter import Exporter
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.metering.export_settings import ExportSettings
    from tidegauge.metering.export_target import ExportTarget

QUEUE_BYTES = 64 << 20
"""So much waits for a collector that is away or slow: about half a million flows."""
CONNECT_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
FINISH_SECONDS = 2.0
"""So long what is under way may take to a collector that says it is going."""
CLOSE_SECONDS = 10.0
"""So long, at the end, what waits may still be taken."""

_TURN_SECONDS = 0.1
_ACKNOWLEDGEMENT_SECONDS = 0.002
_SECOND = 1_000_000_000

_log = Log(__name__)


class StreamExporter(Exporter):
    """Sends flows over a connection, on a thread of its own.

    One that ``is_patient`` connects again and again, and what finds no room meanwhile adds to ``lost_flows``;
    its messages bear the time at which they leave, by ``clock``. Any other fails with the first error, waits
    for room, and leaves the times of export as they are given.
    """

    def __init__(
        self,
        target: ExportTarget,
        settings: ExportSettings,
        *,
        observation_domain: int = 0,
        boot_time: int = 0,
        is_patient: bool = False,
        clock: Callable[[], int] = time.time_ns,
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        """Raises OSError where files for TLS cannot be used; if not patient, where nobody answers as well."""
        encoder = Encoder(
            target.protocol_version,
            observation_domain=observation_domain,
            boot_time=boot_time,
            maximum_datagram_bytes=STREAM_MESSAGE_BYTES,
            in_stream=True,
        )
        super().__init__(encoder, target.protocol_version, observation_domain)
        self._target = target
        self._settings = settings
        if target.transport == "tls":
            settings.context()
        self._is_patient = is_patient
        self._clock = clock
        self._queue_bytes = queue_bytes
        self._changed = Condition()
        self._waiting: deque[bytes] = deque()
        self._held_bytes = 0
        self._close_at: float | None = None
        self._failure: OSError | None = None
        self._has_delivered = False
        self._is_away = False
        self.not_sent = Counted()
        # What is lost later counts from here.
        self._encoder.announce(*not_sent(self.not_sent))
        self._link = None if is_patient else self._connected()
        self._thread = Thread(target=self._run, name=f"export to {target}", daemon=True)
        self._thread.start()

    def send(self, batch: Batch, export_time: int) -> None:
        """Export every row as soon as there is a collector for them; raises OSError after a failure."""
        with self._changed:
            if not self._is_patient:
                self._changed.wait_for(lambda: self._failure or self._has_room)
            if self._failure:
                raise self._failure
            if not self._has_room:
                self._lose(batch)
                return
            messages = self.encode(batch, export_time)
            self._waiting += messages
            self._held_bytes += sum(map(len, messages))
            self._changed.notify_all()

    def close(self) -> None:
        """Let the collector have what waits, for a while; what it does not take is counted as lost."""
        self._stop(CLOSE_SECONDS)
        if self._failure:
            raise self._failure

    def abandon(self) -> None:
        """End at once."""
        self._stop(0)

    @property
    def _has_room(self) -> bool:
        return self._held_bytes < self._queue_bytes

    def _stop(self, seconds: float) -> None:
        with self._changed:
            self._close_at = time.monotonic() + seconds
            self._changed.notify_all()
        self._thread.join(seconds + CONNECT_SECONDS if seconds else 0)

    def _lose(self, batch: Batch) -> None:
        """Leave a batch out, and say so: here at once, and to the collector when it is back."""
        if batch.table != "flows":
            return
        if not self.lost_flows:
            _log.warning("a collector is away for too long; flows are lost", target=self._target)
        counted = (len(batch), batch.total("packets"), batch.total("bytes"))
        self.not_sent = Counted(*map(sum, zip(self.not_sent, counted, strict=True)))
        self.lost_flows += len(batch)
        self._encoder.announce(*not_sent(self.not_sent))

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        try:
            while not self._is_over():
                was_told_to_close = self._close_at is not None
                link = self._link = self._link or self._reconnected()
                self._has_delivered = False
                if (link and self._serve(link)) or was_told_to_close:
                    return
                pause = FIRST_PAUSE_SECONDS if self._has_delivered else min(2 * pause, LONGEST_PAUSE_SECONDS)
                self._rest(pause)
        except OSError as error:
            with self._changed:
                self._failure = error
                self._changed.notify_all()
        finally:
            self._settle()

    def _rest(self, seconds: float) -> None:
        """Leave a collector that is away alone, but not at the end. Many probes do not come back at once."""
        with self._changed:
            seconds *= random.uniform(0.5, 1)  # noqa: S311 -- no secret
            self._changed.wait_for(lambda: self._close_at is not None, seconds)

    def _is_over(self) -> bool:
        return self._close_at is not None and time.monotonic() >= self._close_at

    def _connected(self) -> CollectorLink:
        try:
            # Made anew, since certificates are renewed while a probe runs.
            tls = self._settings.context() if self._target.transport == "tls" else None
            return CollectorLink(self._target, tls, CONNECT_SECONDS)
        except OSError as error:
            raise OSError(
                error.errno, f"cannot export to {self._target}: {error.strerror or error}"
            ) from error

    def _reconnected(self) -> CollectorLink | None:
        try:
            link = self._connected()
        except OSError as error:
            if not self._is_away:
                _log.warning("a collector cannot be reached; flows wait", reason=error.strerror)
            self._is_away = True
            return None
        self._is_away = False
        _log.info("connected to a collector", target=self._target)
        with self._changed:
            before = self._encoder.counters()["unrepeated_records"]
            waiting = self._encoder.restart([*self._waiting], self._clock())
            self.lost_flows += self._encoder.counters()["unrepeated_records"] - before
            self.datagrams += len(waiting) - len(self._waiting)
            self._waiting = deque(waiting)
            self._held_bytes = sum(map(len, self._waiting))
        return link

    def _serve(self, link: CollectorLink) -> bool:
        """Send until the connection breaks, or until all was sent and no more will come: then it is True."""
        try:
            while not self._is_over():
                self._hand_over(link)
                link.turn(_TURN_SECONDS if link.is_writing else 0)
                if self._release(link):
                    link.farewell()
                    return True
        except OSError as error:
            if isinstance(error, FarewellError):
                link.finish(FINISH_SECONDS)
            if not self._is_patient:
                raise OSError(
                    error.errno, f"cannot export to {self._target}: {error.strerror or error}"
                ) from error
            _log.warning(
                "a connection to a collector broke", target=self._target, reason=error.strerror or error
            )
        finally:
            with self._changed:
                self._waiting.extendleft(reversed(link.pending))
                self._link = None
            with suppress(OSError):
                link.close()
        return False

    def _hand_over(self, link: CollectorLink) -> None:
        with self._changed:
            if not self._waiting and not link.is_writing:
                # Nobody wakes us when something was acknowledged.
                self._changed.wait(_ACKNOWLEDGEMENT_SECONDS if self._held_bytes else _TURN_SECONDS)
            while self._waiting and link.has_room:
                message = self._waiting.popleft()
                link.put(self._stamped(message) if self._is_patient else message)

    def _release(self, link: CollectorLink) -> bool:
        """Make room of what has arrived; returns whether that was the last."""
        with self._changed:
            if released := link.release():
                self._held_bytes -= released
                self._has_delivered = True
                self._changed.notify_all()
            return self._close_at is not None and self._held_bytes <= 0

    def _stamped(self, message: bytes) -> bytes:
        """The message with the time at which it leaves (RFC 7011, section 3.1), however long it waited."""
        seconds = self._clock() // _SECOND % 2**32
        return message[:4] + seconds.to_bytes(4) + message[8:]

    def _settle(self) -> None:
        """Count what never got through."""
        if self._link is not None:
            self._link.close()
        with self._changed:
            if not self._waiting:
                return
            first = int.from_bytes(self._waiting[0][8:12])
            lost = (self._encoder.counters()["sequence"] - first) % 2**32
            self.lost_flows += lost
            self._waiting.clear()
        if self._is_patient:
            _log.warning("a collector did not take its last flows", target=self._target, records=lost)
