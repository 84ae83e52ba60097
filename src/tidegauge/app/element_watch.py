"""The file of elements somebody wrote: read at the start, and again whenever it changes."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from tidegauge.exporters.element_file import ElementFileError, elements_from_text
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tidegauge.exporters.element_file import ToldElement

FILE_NAME = "elements.csv"
"""Where it is when nobody says: in the folder of the lake."""
LOOK_SECONDS = 1.0

_log = Log(__name__)


def told_elements(path: Path) -> list[ToldElement]:
    """The elements of a file, none where there is no file.

    Raises ElementFileError, which names the file and the line.
    """
    try:
        return elements_from_text(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise ElementFileError(f"{path}: {error}") from None


class ElementWatch:
    """Tells the elements of a file when it is made, and again after every change of the file.

    While a change cannot be read, what was told before holds, and the log says why.

    Raises ElementFileError for a file that cannot be read at the start.
    """

    def __init__(self, path: Path, tell: Callable[[Sequence[ToldElement]], None]) -> None:
        self._path = path
        self._tell = tell
        self._told: list[ToldElement] = []
        self._stopping = Event()
        self._thread = Thread(target=self._watch, name="elements")
        self._seen = self._look()
        self._take()

    def start(self) -> None:
        """Begin to look for changes."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            seen = self._look()
            if seen == self._seen:
                continue
            try:
                self._take()
            except ElementFileError as error:
                _log.warning("the file of elements cannot be read; what it said before holds", reason=error)
            self._seen = seen

    def _look(self) -> tuple[int, int, int] | None:
        """Tell one writing of the file from another; done before it is read, so that none is missed."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _take(self) -> None:
        told = told_elements(self._path)
        if told != self._told:
            self._tell(told)
            self._told = told
            _log.info("elements named", path=self._path, elements=len(told))
