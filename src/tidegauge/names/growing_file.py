"""A file that somebody else writes to: its bytes as they come, across rotation and truncation.

Sources read streams and know nothing of time, so this one waits where others would end. It notices what
log writers do: a file renamed while its writer starts another, one cut to nothing after it was copied, one
that is not there yet, a last line that is not whole. A ``Place`` remembers how far a file was read; it holds
the bytes just before, so the file is found again after it was renamed, and is not taken for another
of the same name.
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import BufferedIOBase
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

OVERLAP_BYTES = 64 * 1024
"""Read again where reading goes on after a pause, so that an answer still finds its question."""
_CHUNK_BYTES = 64 * 1024
_TAIL_BYTES = 256
# Who rotates a log tells its writer afterwards: until then lines still go to the old file.
_LINGERING_WAITS = 5
_MOST_ROTATED = 16


class Place(NamedTuple):
    """Everything before ``offset`` was read; ``tail`` are the bytes that end there."""

    offset: int
    tail: bytes


class GrowingFile(BufferedIOBase):
    """Reads on and on; ends when ``wait`` says so, or with the file where another has taken its name.

    ``wait`` is called when there is nothing to read; it returns after a while, False when it is time to
    stop. With ``goes_on`` the file that takes the name is the next part of the same stream. ``needs_head``
    repeats the first line where reading begins later, ``from_start`` never begins later.
    """

    def __init__(
        self,
        path: Path,
        wait: Callable[[], bool],
        place: Place | None = None,
        *,
        goes_on: bool = True,
        needs_head: bool = False,
        from_start: bool = False,
    ) -> None:
        """Open the file where ``place`` was left. Raises OSError where there is none that can be read."""
        self._path = path
        self._wait = wait
        self._goes_on = goes_on
        self._waits_since_renamed = 0
        self._head = b""
        self._buffer, self._start = b"", 0
        self._is_over = self._is_stopped = False
        self.is_found_again = True
        self.place = Place(0, b"")
        self._file = self._found(place) if place and place.offset else path.open("rb", buffering=0)
        if place and self.is_found_again and not from_start:
            self._skip(place, needs_head=needs_head)

    @property
    def stream(self) -> BinaryIO:
        """This, as sources of names take it."""
        return cast("BinaryIO", self)

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line once it is whole, or ``size`` bytes of it; empty at the end of everything."""
        limit = size if size and size > 0 else _CHUNK_BYTES
        if self._head:
            head, self._head = self._head, b""
            return head
        while True:
            end = self._buffer.find(b"\n", self._start, self._start + limit) + 1
            if end or self._left >= limit:
                return self._take(end - self._start if end else limit)
            if not self._fill():
                # A stopped reader comes back for the rest of the line; a file left behind has no more of it.
                return self._take(self._left) if self._is_over else b""

    def read(self, size: int | None = -1, /) -> bytes:
        """Just ``size`` bytes, or all until the end of everything; fewer where that comes first."""
        wanted = size if size is not None and size >= 0 else 2**63
        while self._left < wanted:
            if not self._fill():
                return self._take(self._left) if self._is_over or wanted == 2**63 else b""
        return self._take(wanted)

    def stop(self) -> None:
        """End at the next look, whatever there is to read still; may be called from another thread."""
        self._is_stopped = True

    def close(self) -> None:
        """Let go of the file."""
        if file := getattr(self, "_file", None):  # there is none where it could not be opened
            file.close()
        super().close()

    def readable(self) -> bool:
        """Say yes, to whoever puts a decoder around this."""
        return True

    @property
    def _left(self) -> int:
        return len(self._buffer) - self._start

    def _take(self, count: int) -> bytes:
        taken = self._buffer[self._start : self._start + count]
        self._start += count
        offset, tail = self.place
        self.place = Place(offset + len(taken), (tail + taken[-_TAIL_BYTES:])[-_TAIL_BYTES:])
        return taken

    def _fill(self) -> bool:
        """Read more into the buffer, waiting for it; False when there will be no more."""
        while not self._is_over and not self._is_stopped:
            if self._is_cut():
                self._begin()
            if self._read_chunk():
                return True
            if self._is_left_behind():
                if self._read_chunk():  # lines written since the last look
                    return True
                self._is_over = not self._follow()
            elif not self._wait():
                return False
        return False

    def _read_chunk(self) -> bool:
        chunk = self._file.read(_CHUNK_BYTES)
        self._buffer, self._start = self._buffer[self._start :] + chunk, 0
        return bool(chunk)

    def _is_cut(self) -> bool:
        """Whether the file is shorter than what was read, or was written anew beyond that."""
        offset, tail = self.place
        if os.fstat(self._file.fileno()).st_size < offset + self._left:
            return True
        return os.pread(self._file.fileno(), len(tail), offset - len(tail)) != tail

    def _begin(self) -> None:
        self._file.seek(0)
        self._buffer, self._start = b"", 0
        self.place = Place(0, b"")

    def _is_left_behind(self) -> bool:
        """Whether another file has the name now, and whoever wrote to this one has surely turned to it."""
        try:
            named, opened = self._path.stat(), os.fstat(self._file.fileno())
        except OSError:
            return False
        if (named.st_ino, named.st_dev) == (opened.st_ino, opened.st_dev):
            return False
        self._waits_since_renamed += 1
        return named.st_size > 0 or self._waits_since_renamed > _LINGERING_WAITS

    def _follow(self) -> bool:
        """Turn to the file that has the name now; the line cut off at the end of the old one is lost."""
        if not self._goes_on:
            return False
        try:
            follower = self._path.open("rb", buffering=0)
        except OSError:
            return True  # gone again, or not ours to read yet: the next look tells
        self._file.close()
        self._file = follower
        self._waits_since_renamed = 0
        self._begin()
        return True

    def _found(self, place: Place) -> BinaryIO:
        """The file that was read up to ``place``, whatever it is called now, else the one of our name."""
        rotated = [*self._path.parent.glob(f"{self._path.name}[.-]*")][:_MOST_ROTATED]
        for path in (self._path, *rotated):
            with suppress(OSError):
                file = path.open("rb", buffering=0)
                if os.pread(file.fileno(), len(place.tail), place.offset - len(place.tail)) == place.tail:
                    return cast("BinaryIO", file)
                file.close()
        self.is_found_again = False
        return cast("BinaryIO", self._path.open("rb", buffering=0))

    def _skip(self, place: Place, *, needs_head: bool) -> None:
        """Begin somewhat before ``place``, with a whole line."""
        start = max(0, place.offset - OVERLAP_BYTES)
        if not start:
            return
        if needs_head:
            self._head = self._file.readline(_CHUNK_BYTES)
        self._file.seek(start)
        start += len(self._file.readline(place.offset - start))
        before = max(0, start - _TAIL_BYTES)
        tail = os.pread(self._file.fileno(), start - before, before)
        self._file.seek(start)
        self.place = Place(start, tail)
