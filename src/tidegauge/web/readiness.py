"""Readiness: what the first look at a lake would wait for, worked out before any server shows it.

The lines of wrong clocks come to lie in the lake, of hours that are over, and the answers that pages open
with, as a server writes them that was looked at. One that starts has them, and tells of when they are.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.preparation import prepare
from tidegauge.analysis.top import top
from tidegauge.query.error import QuestionError
from tidegauge.query.question import Query
from tidegauge.store.engines.stock import Stock
from tidegauge.store.lake import Lake
from tidegauge.store.moment import Moment
from tidegauge.web.answers_file import AnswersFile
from tidegauge.web.application import QUESTIONS
from tidegauge.web.kept_answers import KeptAnswers
from tidegauge.web.opening import PEOPLE, SINCE, UNTIL, opening, opening_about

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidegauge.web.opening import Opened


MOST_FLOWS_A_SECOND = 10_000_000
"""No question that names people looks through more in a second of processor time; most look through less."""


class Readiness(NamedTuple):
    """How many answers lie ready, and of how many persons; ``is_whole`` unless time was over before.

    ``too_many`` are the flows that a question would have to look through, where there is no time for one.
    """

    answers: int
    people: int
    is_whole: bool
    too_many: int = 0


def make_ready(lake_path: Path, now: int, time_zone: str, most_cpu_seconds: float) -> Readiness:
    """Have a lake ready for pages as of ``now``, in nanoseconds, without those that would take longer.

    Where a server or another of us wrote answers meanwhile, these stay. Beside a collector of millions of
    flows a second not even the first question would be answered in time: then none is asked.
    Raises LakeError.
    """
    answering = {question.name: question.answer for question in QUESTIONS}
    file = AnswersFile(lake_path)
    answers, began, state = KeptAnswers(file, answering), time.monotonic(), file.state
    answers.read(began, now)
    lake, moment, used = Lake.open(lake_path, Stock()), Moment(lake_path, now), time.process_time()
    place, found, people = moment.join(), 0, list[str]()
    place.take()
    try:
        lake.moment = moment
        flows = lake.around_damage(lambda: prepare(lake, Query(since=SINCE, until=UNTIL), now))
        if flows > most_cpu_seconds * MOST_FLOWS_A_SECOND:
            return Readiness(0, 0, is_whole=False, too_many=flows)
        people = _people(lake, now)
        for opened in _opened(people, time_zone):
            if time.process_time() - used > most_cpu_seconds:
                return Readiness(found, len(people), is_whole=False)
            asked = opened.asked(answering)
            with suppress(QuestionError):
                answers.keep(asked, asked.answer(lake, now), began, answers.state)
                found += 1
    finally:
        place.done()
        write = answers.to_write(began, now)
        if write and file.state == state:
            write()
    return Readiness(found, len(people), is_whole=True)


def _people(lake: Lake, now: int) -> list[str]:
    rows = top(lake, PEOPLE, now).data
    return [row["user"] for row in rows if row["user"]]


def _opened(people: list[str], time_zone: str) -> Iterator[Opened]:
    yield from opening(time_zone)
    for user in people:
        yield from opening_about(user, time_zone)
