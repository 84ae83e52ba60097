"""Lines that come one by one, as a stream for a source of names: what syslog is to files."""

from __future__ import annotations

from io import BufferedIOBase
from queue import Full, Queue
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typing import BinaryIO


class Inflow(BufferedIOBase):
    """Give it lines in one thread and read them in another; a line that finds the queue full is refused."""

    def __init__(self, most_waiting: int = 4096) -> None:
        self._lines: Queue[bytes] = Queue(most_waiting)
        self._is_ended = False

    @property
    def stream(self) -> BinaryIO:
        """This, as sources of names take it."""
        return cast("BinaryIO", self)

    def offer(self, line: bytes) -> bool:
        """Add a line without its end; whether there was room for it."""
        try:
            self._lines.put_nowait(line + b"\n")
        except Full:
            return False
        return True

    def end(self) -> None:
        """Let the reader end after the lines that wait; waits for room to say so."""
        self._lines.put(b"")

    def readline(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 (a datagram bounds a line)
        """The next line, as soon as it is there; empty after the end."""
        if self._is_ended:
            return b""
        line = self._lines.get()
        self._is_ended = not line
        return line
