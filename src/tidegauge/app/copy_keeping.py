"""Watching over copies of datagrams: what became of them is written down, and old ones go."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from tidegauge.metering.capability import missing_capability
from tidegauge.store.copy_record import CopyFate, write_record
from tidegauge.store.raw_folder import remove_old
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegauge.app.copy_settings import CopySettings
    from tidegauge.app.intake import Intake
    from tidegauge.store.lake import Lake

SECONDS = 10.0

_log = Log(__name__)


class CopyKeeping:
    """Runs on a thread of its own from ``start`` to ``stop``, which writes what the last copies came to."""

    def __init__(
        self, lake: Lake, settings: CopySettings, intakes: Sequence[Intake], clock: Callable[[], int]
    ) -> None:
        self._lake = lake
        self._settings = settings
        self._intakes = intakes
        self._clock = clock
        self._is_failing = False
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="copies")

    def start(self) -> None:
        """Begin, and say which collectors see our own address."""
        for fate in (each for intake in self._intakes for each in _fates(intake)):
            if self._settings.keeps_source and fate.keeps_source is False:
                _log.warning(
                    "exporters' addresses cannot be kept: datagrams are forwarded from our own",
                    target=fate.target,
                    reason=missing_capability("CAP_NET_RAW"),
                )
        self._thread.start()

    def stop(self) -> None:
        """Look at the copies for the last time; after the intakes have stopped."""
        self._stopping.set()
        self._thread.join()
        self._look()

    def _run(self) -> None:
        while True:
            self._look()
            if self._stopping.wait(SECONDS):
                return

    def _look(self) -> None:
        try:
            for intake in self._intakes:
                write_record(self._lake, str(intake.listener.address), _fates(intake), self._clock())
            if self._settings.keep is not None:
                remove_old(self._lake, self._settings.keep, self._settings.keep_bytes, self._clock())
        except OSError as error:
            # Said once: a full disk tells of itself all the time.
            if not self._is_failing:
                _log.error("kept datagrams cannot be looked after", error)
            self._is_failing = True
        else:
            self._is_failing = False


def _fates(intake: Intake) -> list[CopyFate]:
    """What became of an intake's copies until now."""
    return [CopyFate.of(row) for row in intake.listener.copies()]
