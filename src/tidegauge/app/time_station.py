"""The NTP server as people run it: its word on our clock kept fresh, and who asks kept in a file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS, text_from_instant
from tidegauge.ntp.own_addresses import own_addresses
from tidegauge.ntp.service_record import ServiceRecord
from tidegauge.store.durable import write_whole
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tidegauge.app.key_keeping import KeyKeeping
    from tidegauge.ntp.server import VouchedServer
    from tidegauge.receiving.listen_address import ListenAddress

_log = Log(__name__)

RECORD_SECONDS = 10.0
WATCH_SECONDS = 1.0
WORD_SECONDS = 2.0
"""A word holds for longer; but somebody may set our clock, or the first time server answer, at any moment."""


class TimeStation:
    """Looks after a server. ``records`` are the files that tell who asks; ``clock`` gives nanoseconds."""

    def __init__(
        self,
        server: VouchedServer,
        listening: ListenAddress,
        records: Sequence[Path],
        clock: Callable[[], int],
        keys: KeyKeeping | None = None,
    ) -> None:
        self._server = server
        self._listening = listening
        self._records = [path.absolute() for path in records]
        self._clock = clock
        self._keys = keys
        self._started = text_from_instant(clock())

    def run(self, told_to_stop_within: Callable[[float], bool]) -> None:
        """Keep word, keys and record fresh until told to stop, and write a last record.

        What cannot be written is logged: clients need the time also from a server whose disk is full.
        """
        renewed = recorded = time.monotonic()
        while not told_to_stop_within(WATCH_SECONDS):
            now = time.monotonic()
            if now - renewed >= WORD_SECONDS:
                self._server.renew()
                _try("keys not renewed", self._renew_keys)
                renewed = now
            if now - recorded >= RECORD_SECONDS:
                _try("record not written", self.write_records)
                recorded = now
        _try("record not written", self.write_records)

    def write_records(self) -> None:
        """Write what is known now. Raises OSError."""
        word = self._server.word
        record = ServiceRecord(
            written=text_from_instant(self._clock()),
            listening=str(self._listening),
            counters=self._server.counters() | (self._keys.counters() if self._keys else {}),
            clients=self._server.clients(),
            started=self._started,
            stratum=word.stratum,
            root_dispersion_seconds=word.root_dispersion / NANOSECONDS if word.is_known else None,
            addresses=own_addresses(self._listening.host),
        )
        for path in self._records:
            write_whole(path, record.to_json())

    def _renew_keys(self) -> None:
        if self._keys:
            self._keys.renew(self._clock())


def _try(complaint: str, act: Callable[[], None]) -> None:
    try:
        act()
    except OSError as error:
        _log.warning(complaint, reason=str(error))
