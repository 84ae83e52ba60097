"""Following one file of names: a log that grows, a table that is written anew."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from tidegauge.names.changes import Changes
from tidegauge.names.growing_file import GrowingFile, Place
from tidegauge.names.recognition import source_of
from tidegauge.names.source import HEAD_BYTES, Growth, Provenance, growth_of
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo
    from pathlib import Path

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Source

LOOK_SECONDS = 1.0
SETTLE_SECONDS = 0.25
"""How long a table must stay as it is before it is read: its writer may be in the middle of it."""

_log = Log(__name__)


class FileFollower:
    """Reads a file in a thread of its own from ``start`` until ``stop``, and tells what it says.

    What it is, its content tells, as soon as there is some. A file that cannot be read is logged once and
    tried again. ``place`` is how far it was read; a table has none.
    """

    def __init__(
        self,
        path: Path,
        zone: tzinfo,
        clock: Callable[[], int],
        tell: Callable[[Iterable[Binding]], None],
        place: Place | None = None,
    ) -> None:
        self.path = path
        self._zone = zone
        self._clock = clock
        self._tell = tell
        self._left_at = place
        self._growing: GrowingFile | None = None
        self._stopping = Event()
        self._complaints: set[str] = set()
        self._thread = Thread(target=self._follow, name=f"names {path.name}")

    @property
    def place(self) -> Place | None:
        """How far the file was read."""
        return self._growing.place if self._growing else self._left_at

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read no more, and wait until what was read was told."""
        self._stopping.set()
        if growing := self._growing:
            growing.stop()
        self._thread.join()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read()
            except Exception as error:  # noqa: BLE001 -- one file must not end what is learnt from the others
                self._complain(f"{type(error).__name__}: {error}")
            self._stopping.wait(LOOK_SECONDS)

    def _read(self) -> None:
        """Read until the file is another one, or it is time to stop."""
        try:
            with self.path.open("rb") as file:
                head = file.read(HEAD_BYTES)
                file.seek(max(0, self.path.stat().st_size - HEAD_BYTES))
                end = file.read(HEAD_BYTES)
        except FileNotFoundError:
            return
        if not head:
            return
        # A log that many share may say nothing of names for a long time.
        source = source_of(head) or source_of(end)
        if source is None:
            self._complain("no known format of names")
            return
        if growth_of(source) in (Growth.REPLACED, Growth.SIGHTED):
            self._read_table(source)
        else:
            self._read_on(source)

    def _read_on(self, source: Source) -> None:
        provenance = Provenance(self._clock(), self._zone)

        def wait() -> bool:
            provenance.written = self._clock()
            self._tell_refused(provenance)
            return not self._stopping.wait(LOOK_SECONDS)

        growth = growth_of(source)
        with GrowingFile(
            self.path,
            wait,
            self._left_at,
            goes_on=growth is Growth.LINES,
            needs_head=growth is Growth.HEADED_LINES,
            from_start=growth is Growth.FRAMES,
        ) as self._growing:
            if not self._growing.is_found_again:
                self._complain("what was written while nobody followed is gone; import it where it was kept")
            self._tell(source.bindings(self._growing.stream, provenance))
        # The next file of this name, if there is one, is read from its beginning.
        self._left_at = self._growing.place if self._stopping.is_set() else None
        self._growing = None

    def _read_table(self, source: Source) -> None:
        changes, seen = Changes(), (0, 0, 0)
        is_complete = growth_of(source) is Growth.REPLACED
        while not self._stopping.wait(0 if seen == (0, 0, 0) else LOOK_SECONDS):
            state = self._state()
            if state == seen:
                continue
            if self._stopping.wait(SETTLE_SECONDS) or self._state() != state:
                continue
            with self.path.open("rb") as file:
                if not source.recognises(file.read(HEAD_BYTES)) and state[1]:
                    return  # something else has the name now
                file.seek(0)
                provenance = Provenance(state[2], self._zone)
                told = list(source.bindings(file, provenance))
            if self._state() == state:
                self._tell(changes.of(told, state[2], is_complete=is_complete))
                self._tell_refused(provenance)
                seen = state

    def _state(self) -> tuple[int, int, int]:
        """What changes whenever the file is written."""
        found = self.path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _tell_refused(self, provenance: Provenance) -> None:
        for reason in provenance.refused:
            self._complain(reason)

    def _complain(self, reason: str) -> None:
        """Say once what is wrong with the file."""
        if reason not in self._complaints:
            self._complaints.add(reason)
            _log.warning("a file of names cannot be read as it should", path=self.path, reason=reason)
