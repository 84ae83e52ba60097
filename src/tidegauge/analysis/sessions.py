"""``sessions``: who was at what, how often, how long and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.sentences import sentence
from tidegauge.analysis.totals import totals_of
from tidegauge.analysis.wording import count_words
from tidegauge.query.sessions import DEFAULT_LIMIT, grouping_of, is_each
from tidegauge.query.sessions import sessions as sessions_statement
from tidegauge.query.statement import Column
from tidegauge.query.vocabulary import Pair, field_or_pair

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_WEBMAIL = "webmail_sessions"
_WORDS = (Column("note", "text"), Column("sentence", "text"))


def sessions(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each person and service, or what ``query.by`` names; ``session`` in it gives each by itself.

    ``seconds`` is the length of the union of the flows, silences under five minutes included. ``mails``
    is a lower bound. ``note`` says what cannot be known, ``sentence`` tells the row in words.
    """
    with Reading(lake, grouping_of(query), now) as reading:
        statement = sessions_statement(
            reading.query, reading.time_range, reading.directions, is_each=is_each(query)
        )
        data = [_told(row) for row in reading.rows(statement)]
        by = reading.query.by
        # The sum of everything needs no names, and looking them up costs as much again.
        reading.query = msgspec.structs.replace(reading.query, by=())
        totals = totals_of(reading)
        shown = DEFAULT_LIMIT if query.top is None else query.top
        is_cut = bool(shown) and len(data) == shown and not any(map(_is_either_side, by))
        return reading.answer(
            data,
            [*(column for column in statement.columns if column.name != _WEBMAIL), *_WORDS],
            totals=totals.metrics,
            other=totals.minus(data) if is_cut else None,
            extent=totals.extent,
            warnings=totals.warnings,
        )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    webmail = row.pop(_WEBMAIL)
    return row | {"note": _note(row, webmail), "sentence": sentence(row)}


def _note(row: dict[str, Any], webmail: int) -> str:
    notes = []
    if row["mails"]:
        notes.append("at least so many mails: a connection that hands in mail carries one or more")
    if webmail:
        notes.append(f"mails inside webmail cannot be counted: {count_words(webmail, 'session', 'sessions')}")
    if "user" in row and row["user"] is None:
        notes.append("nobody is known for these addresses: several people may share this row")
    return "; ".join(notes)


def _is_either_side(words: str) -> bool:
    return isinstance(field_or_pair(words.partition("/")[0].strip()), Pair)
