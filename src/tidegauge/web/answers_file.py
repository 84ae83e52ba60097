"""The answers file: what pages were told last, in the lake itself, for a server that starts again.

Until it has prepared anything, its first page then stands with the answers of before, and says of when they
are. The file lies with what the answers were made of, so whoever may read one may read the other. Where it
cannot be written, or another release wrote it, nothing is lost but time.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegauge import __version__
from tidegauge.query.question import Query
from tidegauge.store.durable import write_whole
from tidegauge.store.lake import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_BYTES = 4 * 2**20
"""What people look at comes to some hundred kilobytes; of more, what was wanted last is written."""


class WrittenAnswer(msgspec.Struct, frozen=True):
    """What a question was told at ``made``, and when somebody last wanted to know; nanoseconds since 1970."""

    question: str
    query: Query
    format_name: str
    content: bytes
    made: int
    wanted: int


class _Content(msgspec.Struct, frozen=True):
    release: str
    answers: list[WrittenAnswer]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Content).decode


class AnswersFile(NamedTuple):
    """The file of a lake, which need not exist yet."""

    lake_path: Path

    def read(self) -> list[WrittenAnswer]:
        """What this release wrote, the last wanted last; nothing where it cannot be read."""
        try:
            content = _decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return []
        return content.answers if content.release == __version__ else []

    def write(self, answers: Iterable[WrittenAnswer]) -> None:
        """Write answers in the place of those before; a lake that cannot be written to stays as it is."""
        room, kept = MOST_BYTES, list[WrittenAnswer]()
        for answer in sorted(answers, key=lambda each: -each.wanted):
            room -= len(answer.content)
            if room < 0:
                break
            kept.append(answer)
        with suppress(OSError):
            write_whole(self._path, _encode(_Content(__version__, kept[::-1])))

    def remove(self) -> None:
        """Let nobody be told these again."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    @property
    def state(self) -> int | None:
        """Another one after each writing; None where nothing is written."""
        with suppress(OSError):
            return self._path.stat().st_mtime_ns
        return None

    @property
    def _path(self) -> Path:
        return self.lake_path / ANSWERS
