"""Kept answers: what the questions of pages were told last, for whoever is content with that for a moment.

How old an answer may be, the request says: ``Cache-Control: max-age=600`` (RFC 9111, section 5.2.1.1).
Without that nothing kept is given. How old it is, the reply says: ``Age: 42``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.store.segment import NANOSECONDS
from tidegauge.web.answers_file import WrittenAnswer
from tidegauge.web.reply import written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake
    from tidegauge.web.answers_file import AnswersFile

    Answering = Callable[[Lake, Query, int], Answer]

MOST_BYTES = 16 * 2**20
LARGEST_BYTES = 2**20
MOST_ANSWERS = 384
"""What all pages open with, and those of some dozens of people; what does not fit is made anew each time."""

MOST_RENEWED = 64
"""Some pages of some people, those looked at last."""

WANTED_SECONDS = 12 * 3600.0
"""What somebody looked at in a working day is worth having at hand."""

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})(?:$|[,\s])", re.IGNORECASE)


def age_accepted(headers: Mapping[str, str]) -> float | None:
    """How many seconds old an answer may be for whoever asks; None for who wants the lake to be asked.

    >>> age_accepted({"cache-control": "max-age=600"}), age_accepted({"cache-control": "no-cache"})
    (600.0, None)
    """
    found = _MAX_AGE.search(headers.get("cache-control", ""))
    return float(found[1]) if found else None


class Asked(NamedTuple):
    """A question of a page, who answers such questions, and the format the answer was wanted in."""

    answers: Answering
    query: Query
    format_name: str

    def answer(self, lake: Lake, now: int) -> bytes:
        """The answer as of ``now``, in nanoseconds. Raises what the question raises."""
        return written(self.answers(lake, self.query, now), self.format_name)


@dataclass(slots=True)
class _Kept:
    content: bytes
    made: float
    wanted: float


class KeptAnswers:
    """The newest answers, by what was asked. All times are seconds by one clock that is never set.

    With a ``file`` they outlive the process; ``questions`` are those that it may hold answers to, by name.
    """

    def __init__(
        self, file: AnswersFile | None = None, questions: Mapping[str, Answering] = MappingProxyType({})
    ) -> None:
        self._kept: dict[Asked, _Kept] = {}  # by when they were wanted
        self._bytes = 0
        self._state = 0
        self._file = file
        self._questions = questions
        self._is_written = True

    @property
    def state(self) -> int:
        """Another one after each ``forget``."""
        return self._state

    def find(self, asked: Asked, most_age: float, now: float) -> tuple[bytes, float] | None:
        """An answer that is younger than ``most_age``, and its age."""
        kept = self._kept.pop(asked, None)
        if kept is None:
            return None
        kept.wanted = now
        self._kept[asked] = kept
        age = now - kept.made
        return (kept.content, age) if kept.content and age < most_age else None

    def tell_of(self, since: str, until: str, name: str = "") -> bool:
        """Whether some of these are about a range, and about flows of a ``name`` where one is given."""
        return any(
            kept.content
            and (asked.query.since, asked.query.until) == (since, until)
            and name in asked.query.filter
            for asked, kept in self._kept.items()
        )

    def keep(self, asked: Asked, content: bytes, made: float, state: int) -> None:
        """Keep the answer that was ``made`` then, unless what it tells was changed since the ``state``."""
        if state != self._state:
            return
        kept = self._kept.setdefault(asked, _Kept(b"", made, made))
        self._bytes -= len(kept.content)
        kept.content, kept.made = (content if len(content) <= LARGEST_BYTES else b""), made
        self._bytes += len(kept.content)
        self._is_written = False
        while self._bytes > MOST_BYTES or len(self._kept) > MOST_ANSWERS:
            self._drop(next(iter(self._kept)))

    def forget(self) -> None:
        """Give none of these again: somebody changed what they tell, and wants to see that."""
        for kept in self._kept.values():
            kept.content = b""
        self._bytes = 0
        self._state += 1
        self.remove_written()

    def remove_written(self) -> None:
        """Let no other process begin with these."""
        if self._file:
            self._file.remove()

    def read(self, now: float, instant: int) -> None:
        """Begin with the answers of the process before. ``instant`` is now in nanoseconds since 1970."""
        for told in self._file.read() if self._file else ():
            answers = self._questions.get(told.question)
            age, unwanted = (instant - told.made) / NANOSECONDS, (instant - told.wanted) / NANOSECONDS
            # A clock that was set in between may tell anything.
            if answers is None or not (0 <= age <= WANTED_SECONDS and 0 <= unwanted <= WANTED_SECONDS):
                continue
            asked = Asked(answers, told.query, told.format_name)
            self._kept[asked] = _Kept(b"", now - age, now - unwanted)
            self.keep(asked, told.content, now - age, self._state)
        self._is_written = True

    def to_write(self, now: float, instant: int) -> Callable[[], None] | None:
        """What writes down the answers of now, in any thread; None where they are written already."""
        if self._file is None or self._is_written:
            return None
        self._is_written = True
        names = {answers: name for name, answers in self._questions.items()}
        written = [
            WrittenAnswer(
                names[asked.answers],
                asked.query,
                asked.format_name,
                kept.content,
                instant - round((now - kept.made) * NANOSECONDS),
                instant - round((now - kept.wanted) * NANOSECONDS),
            )
            for asked, kept in self._kept.items()
            if asked.answers in names and kept.content
        ]
        return partial(self._file.write, written)

    def wanted(self, now: float) -> list[Asked]:
        """What somebody asked for in the last hours, so what may be asked for again; the last of it."""
        for asked in [asked for asked, kept in self._kept.items() if now - kept.wanted > WANTED_SECONDS]:
            self._drop(asked)
        return list(self._kept)[-MOST_RENEWED:]

    def _drop(self, asked: Asked) -> None:
        self._bytes -= len(self._kept.pop(asked).content)
