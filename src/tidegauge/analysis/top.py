"""``top``: who or what has the most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.query.ranking import DEFAULT_TOP, ranking
from tidegauge.query.vocabulary import Pair, field_or_pair

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake


def top(lake: Lake, query: Query, now: int) -> Answer:
    """The largest groups by ``query.by``; the rest in ``other``.

    Grouped by either side of a flow, groups overlap and there is no ``other``.
    """
    with Reading(lake, query, now) as reading:
        statement = ranking(reading.query, reading.time_range)
        data, totals = reading.rows(statement), totals_of(reading)
        shown = DEFAULT_TOP if query.top is None else query.top
        is_cut = bool(shown) and len(data) == shown and not any(_is_either_side(words) for words in query.by)
        return reading.answer(
            data,
            statement.columns,
            totals=totals.metrics,
            other=totals.minus(data) if is_cut else None,
            extent=totals.extent,
            warnings=totals.warnings,
        )


def _is_either_side(words: str) -> bool:
    return isinstance(field_or_pair(words.partition("/")[0].strip()), Pair)
