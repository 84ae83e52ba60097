"""The one who writes down names as they are learnt: many tellers, one file a second at most."""

from __future__ import annotations

from threading import Condition, Event, Thread
from typing import TYPE_CHECKING

from tidegauge.names.repeats import Repeats
from tidegauge.store.bindings import append
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidegauge.flow.binding import Binding
    from tidegauge.store.lake import Lake

# Lines of one answer arrive together; a name is known a second after it was told.
GATHER_SECONDS = 0.25
REST_SECONDS = 0.75
MOST_WAITING = 100_000

_log = Log(__name__)


class NameWriter:
    """Stores what it is given, in the background; ``written`` counts it.

    ``places`` is asked before each writing; what it said is handed to ``keep`` once all names given until
    then are on the disk. A disk that refuses is tried again, and tellers wait meanwhile.
    """

    def __init__(
        self, lake: Lake, clock: Callable[[], int], places: Callable[[], bytes], keep: Callable[[bytes], None]
    ) -> None:
        self._lake = lake
        self._clock = clock
        self._places = places
        self._keep = keep
        self._waiting: list[Binding] = []
        self._changed = Condition()
        self._stopping = Event()
        self._repeats = Repeats()
        self._thread = Thread(target=self._write, name="names")
        self._is_hurried = False
        self.written = 0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def hurry(self) -> None:
        """Let no teller wait any more, for all of them are about to end."""
        self._is_hurried = True
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """Write what was given, and end."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join()

    def add(self, bindings: Iterable[Binding]) -> None:
        """Give names, one by one as they come; waits while too many are not written yet."""
        for binding in bindings:
            with self._changed:
                self._changed.wait_for(lambda: len(self._waiting) < MOST_WAITING or self._is_hurried)
                if not self._repeats.is_one(binding):
                    self._waiting.append(binding)
                    self._changed.notify_all()

    def _write(self) -> None:
        kept = self._places()
        is_last = False
        while not is_last:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
            is_last = self._stopping.wait(GATHER_SECONDS)
            # Asked for first: every name from before these places is among those taken now.
            places = self._places()
            with self._changed:
                taken = self._waiting[:MOST_WAITING]
            if self._is_stored(taken):
                with self._changed:
                    del self._waiting[: len(taken)]
                    self._changed.notify_all()
                if places != kept:
                    self._keep(places)
                    kept = places
            self._stopping.wait(REST_SECONDS)

    def _is_stored(self, taken: list[Binding]) -> bool:
        try:
            self.written += append(self._lake, taken, self._clock())
        except Exception as error:  # noqa: BLE001 -- receiving flows must outlive whatever went wrong here
            _log.error("names could not be stored, and are tried again", error, names=len(taken))
            return False
        return True
