"""The table of neighbours of this machine: on a router, or a machine beside one, it names cards and IPv6."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from tidegauge.names.changes import Changes
from tidegauge.names.source import Provenance
from tidegauge.names.sources.neighbours import Neighbours
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidegauge.flow.binding import Binding

LOOK_SECONDS = 30.0
_PATIENCE_SECONDS = 10

_log = Log(__name__)


class NeighbourWatch:
    """Looks twice a minute and tells what is new; a neighbour that is still there is told twice a day."""

    def __init__(
        self,
        clock: Callable[[], int],
        tell: Callable[[Iterable[Binding]], None],
        look: Callable[[], bytes] | None = None,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._look = look or neighbours_now
        self._stopping = Event()
        self._thread = Thread(target=self._watch, name="neighbours")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        changes, has_failed = Changes(), False
        while True:
            try:
                table = self._look()
            except (OSError, subprocess.SubprocessError) as error:
                if not has_failed:
                    _log.warning("the table of neighbours cannot be read", reason=error)
                has_failed = True
            else:
                provenance = Provenance(self._clock())
                told = Neighbours().bindings(BytesIO(table), provenance)
                self._tell(changes.of(told, provenance.written, is_complete=False))
            if self._stopping.wait(LOOK_SECONDS):
                return


def neighbours_now() -> bytes:
    """What ``ip neigh`` prints; where it is not installed, the kernel's own table, which is of IPv4 only."""
    try:
        command = ["ip", "neigh", "show"]
        return subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE_SECONDS).stdout
    except FileNotFoundError:
        return Path("/proc/net/arp").read_bytes()
