"""An intake: one listener, the writer its rows go to, and the thread that carries them over."""

from __future__ import annotations

import time
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.app.answer_keeping import AnswerKeeping
from tidegauge.app.copy_settings import CopySettings
from tidegauge.app.counter_keeping import CounterKeeping
from tidegauge.app.knowledge_keeping import KnowledgeKeeping
from tidegauge.receiving.decoding_settings import DecodingSettings
from tidegauge.receiving.listener import RECEIVE_BUFFER_MEBIBYTES, Listener
from tidegauge.receiving.stream_listener import StreamListener
from tidegauge.receiving.stream_settings import StreamSettings
from tidegauge.store.writer import LakeWriter
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tidegauge.receiving.listen_address import ListenAddress
    from tidegauge.receiving.listener import Batch
    from tidegauge.store.lake import Lake

# A killed collector loses what it had not stored: half a second of gathering, and the writing of it.
GATHER_SECONDS = 0.5
# A disk that takes longer than that to write must not be asked all the time.
SHORTEST_GATHER_SECONDS = 0.1
# Under load rows are stored earlier, so that the memory they wait in stays bounded.
GATHER_ROWS = 500_000

_log = Log(__name__)


class ReceivingSettings(NamedTuple):
    """How a collector takes connections, how it decodes, and what it does with datagrams beside: ``copies``.

    At each UDP address there are ``receivers``, and for each the kernel may hold mebibytes of datagrams.
    """

    streams: StreamSettings = StreamSettings()
    decoding: DecodingSettings = DecodingSettings()
    receive_buffer: int = RECEIVE_BUFFER_MEBIBYTES
    copies: CopySettings = CopySettings()
    receivers: int = 1


class Intake:
    """Receives from the moment it is made, stores from ``start`` on.

    An error while storing costs the rows of one drain: it is logged, they are counted, and the next drain is
    tried. An error while receiving ends the intake and is kept in ``failure`` for whoever watches it.
    """

    def __init__(
        self,
        lake: Lake,
        address: ListenAddress,
        writer_id: str,
        now: int,
        *,
        resume_path: Path | None = None,
        settings: ReceivingSettings | None = None,
    ) -> None:
        """Bind; raises OSError when the address is taken or not ours."""
        settings = settings or ReceivingSettings()
        self.writer = LakeWriter(lake, writer_id)
        self.listener: Listener | StreamListener
        # Nobody comes back to a port that the system chose.
        self._keeping = KnowledgeKeeping(lake, address) if address.port else None
        try:
            if address.transport == "udp":
                self.listener = self._listener(lake, address, settings, now, resume_path)
            else:
                # Templates and sequence numbers of a connection end with it: there is nothing to resume.
                self.listener = StreamListener(
                    address,
                    settings.streams,
                    settings.decoding,
                    writer_id=self.writer.writer_id,
                    counters_path=self.writer.counters_path,
                    copying=settings.copies.copying(lake),
                )
        except OSError:
            self.writer.abandon()
            raise
        self._answers = AnswerKeeping(lake)
        self._counters = CounterKeeping(lake)
        self.stored = 0
        self.lost = 0
        self.failure: Exception | None = None
        self._stopping = Event()
        self._thread = Thread(target=self._carry, name=f"intake {self.listener.address}")

    def start(self) -> None:
        """Begin to store what arrives."""
        self._thread.start()

    def stop(self) -> None:
        """Stop receiving, store what was received, and wait until that is done."""
        self._stopping.set()
        self._thread.join()

    def close(self, now: int) -> None:
        """Settle the writer's account; after ``stop``, when nobody compacts any more."""
        # A drain that failed on its way here may have had nothing but losses to tell.
        received = self.listener.counters()["records"] if self.failure is None else None
        self.writer.close(now, received)

    def _carry(self) -> None:
        try:
            gathered = time.monotonic()
            while not self._stopping.is_set():
                # From the last gathering on, not from the end of its writing: else a row waits for both.
                left = GATHER_SECONDS - (time.monotonic() - gathered)
                batches = self.listener.gather(max(left, SHORTEST_GATHER_SECONDS), GATHER_ROWS)
                gathered = time.monotonic()
                self._store(batches)
                self._keep_knowledge()
        except Exception as error:  # noqa: BLE001 -- kept for whoever watches; the last rows still want storing
            _log.error("listening failed", error, address=self.listener.address)
            self.failure = error
        self._store(self.listener.close())
        self._counters.finish()
        self._keep_knowledge(is_last=True)

    def _store(self, batches: Sequence[Batch]) -> None:
        rows = sum(len(batch) for batch in batches if batch.table == "flows")
        try:
            appended = self.writer.append(batches)
        except Exception as error:  # noqa: BLE001 -- receiving must outlive whatever went wrong in storing
            _log.error("a drain could not be stored", error, rows=rows)
            self.lost += rows
        else:
            self.stored += appended.stored
            self.lost += appended.lost
            self._answers.keep(batches)
            self._counters.keep(batches)

    def _listener(
        self,
        lake: Lake,
        address: ListenAddress,
        settings: ReceivingSettings,
        now: int,
        resume_path: Path | None,
    ) -> Listener:
        listen = partial(
            Listener,
            address,
            settings.decoding,
            receive_buffer=settings.receive_buffer,
            receivers=settings.receivers,
            writer_id=self.writer.writer_id,
            counters_path=self.writer.counters_path,
            resume_path=resume_path,
            copying=settings.copies.copying(lake),
        )
        known = self._keeping.known() if self._keeping else None
        if self._keeping and known:
            try:
                return listen(knowledge=(known, now))
            except ValueError as error:
                self._keeping.tell_useless(error)
        return listen()

    def _keep_knowledge(self, *, is_last: bool = False) -> None:
        if self._keeping and isinstance(self.listener, Listener):
            self._keeping.keep(self.listener, is_last=is_last)
