"""What this machine's clock was worth, in the lake: a line of JSON for each judgement, in ``own_clock/``.

Text, as they come one by one: a Parquet file for each would cost a collector more than it is worth. Each day
and writer have a file. A line that a crash tore is passed over.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.clock_judgement import ClockJudgement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidegauge.store.lake import Lake

HOLDS = 900 * NANOSECONDS
"""So long a judgement says something: whoever watches the clock writes at least every ten minutes."""

_FOLDER = "own_clock"
_DAY_NANOSECONDS = 86_400 * NANOSECONDS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ClockJudgement).decode


class JudgementWriter:
    """Appends judgements to the lake."""

    def __init__(self, lake: Lake) -> None:
        self._folder = lake.path / _FOLDER
        self._token = secrets.token_hex(4)

    def append(self, judgement: ClockJudgement) -> None:
        """Write one line; raises OSError where the disk does not take it."""
        self._folder.mkdir(exist_ok=True)
        with (self._folder / f"{_day_text(judgement.at)}-{self._token}.ndjson").open("ab") as file:
            file.write(_encode(judgement) + b"\n")


def judgements(lake: Lake, since: int, until: int) -> list[ClockJudgement]:
    """The judgements in ``[since, until)`` in order, with the one that held at the start."""
    first, last = _day_text(since - HOLDS), _day_text(until)
    paths = [
        path for path in (lake.path / _FOLDER).glob("*.ndjson") if first <= path.name[: len(first)] <= last
    ]
    read = sorted((line for path in paths for line in _lines(path)), key=lambda judgement: judgement.at)
    before = [line for line in read if since - HOLDS <= line.at < since]
    return before[-1:] + [line for line in read if since <= line.at < until]


def judged_files(lake: Lake) -> frozenset[tuple[str, int]]:
    """Names and sizes of the files of judgements, which only grow: equal where nothing was added."""
    return frozenset((path.name, path.stat().st_size) for path in (lake.path / _FOLDER).glob("*.ndjson"))


def judgement_at(lake: Lake, instant: int) -> ClockJudgement | None:
    """The judgement that holds at a moment; None where nobody watches the clock."""
    found = judgements(lake, instant, instant + 1)
    return found[-1] if found else None


def _lines(path: Path) -> Iterator[ClockJudgement]:
    for line in path.read_bytes().splitlines():
        try:
            yield _decode(line)
        except msgspec.MsgspecError:
            continue


def _day_text(instant: int) -> str:
    return f"{_EPOCH + timedelta(days=instant // _DAY_NANOSECONDS):%Y-%m-%d}"
