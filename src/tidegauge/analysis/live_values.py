"""Values that fields really have, for completing a filter: those of the most bytes in the newest hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.canonical import canonical
from tidegauge.query.question import Query
from tidegauge.query.syntax import Match
from tidegauge.query.value import kind_of
from tidegauge.store.errors import LakeError

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.completion import LiveValues
    from tidegauge.store.lake import Lake

LOOKED_BACK = 3_600_000_000_000
"""Nanoseconds. Whoever types waits for the answer; an hour says what is there as well as a year."""

_COMPLETED = frozenset({"text", "address", "number", "mac"})
_UNFILTERED_TOP = 200


def live_values(lake: Lake, now: int) -> LiveValues:
    """A function that looks into the newest hour of the lake; an unreadable lake has no values to offer."""

    def values(field: Field, typed: str, limit: int) -> list[str]:
        if kind_of(field) not in _COMPLETED or field.unit:
            return []
        try:
            return _found(lake, field, typed, limit, now)
        except LakeError:
            return []

    return values


def _found(lake: Lake, field: Field, typed: str, limit: int, now: int) -> list[str]:
    is_text = kind_of(field) == "text"
    query = Query(
        by=(field.name,),
        filter=canonical(Match(field.name, "~", (typed,))) if is_text and typed else "",
        metrics=("bytes",),
        since=_newest_hour(lake, now),
        top=limit if is_text else _UNFILTERED_TOP,
    )
    found = [_text(row[field.name]) for row in top(lake, query, now).data]
    return [text for text in found if text and typed.lower() in text.lower()][:limit]


def _newest_hour(lake: Lake, now: int) -> str | None:
    with lake.generation() as generation:
        ends = [found.end_max for found in generation.segments("flows") if found.end_max is not None]
    # A clock that runs ahead must not move the hour to where nothing has happened yet.
    return text_from_instant(min(max(ends), now) - LOOKED_BACK) if ends else None


def _text(value: Any) -> str:  # noqa: ANN401 (whatever the field holds)
    return "" if value is None else str(value)
