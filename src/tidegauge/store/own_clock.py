"""What this machine's clock was worth, in the lake: a line of JSON for each judgement, in ``own_clock/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.clock_judgement import ClockJudgement
from tidegauge.store.day_lines import DayLines, day_files, lines_of_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegauge.store.lake import Lake

HOLDS = 900 * NANOSECONDS
"""So long a judgement says something: whoever watches the clock writes at least every ten minutes."""

_FOLDER = "own_clock"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ClockJudgement).decode


class JudgementWriter:
    """Appends judgements to the lake."""

    def __init__(self, lake: Lake) -> None:
        self._lines = DayLines(lake.path / _FOLDER)

    def append(self, judgement: ClockJudgement) -> None:
        """Write one line; raises OSError where the disk does not take it."""
        self._lines.append(judgement.at, _encode(judgement))


def judgements(lake: Lake, since: int, until: int) -> list[ClockJudgement]:
    """The judgements in ``[since, until)`` in order, with the one that held at the start."""
    lines = lines_of_days(lake.path / _FOLDER, since - HOLDS, until)
    read = sorted(_read(lines), key=lambda judgement: judgement.at)
    before = [line for line in read if since - HOLDS <= line.at < since]
    return before[-1:] + [line for line in read if since <= line.at < until]


def judged_files(lake: Lake) -> frozenset[tuple[str, int]]:
    """Names and sizes of the files of judgements, which only grow: equal where nothing was added."""
    return day_files(lake.path / _FOLDER)


def judgement_at(lake: Lake, instant: int) -> ClockJudgement | None:
    """The judgement that holds at a moment; None where nobody watches the clock."""
    found = judgements(lake, instant, instant + 1)
    return found[-1] if found else None


def _read(lines: Iterable[bytes]) -> Iterator[ClockJudgement]:
    for line in lines:
        try:
            yield _decode(line)
        except msgspec.MsgspecError:
            continue
