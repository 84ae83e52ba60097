"""``top``: who or what has the most."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import rows_from_tuples
from tidegauge.analysis.shares import SHARES, add_shares, shared_metric
from tidegauge.analysis.totals import Totals, totals_from_whole, totals_of
from tidegauge.query.measure import BEFORE, before, measures
from tidegauge.query.ranking import ranking_with_whole
from tidegauge.query.rolled import rolled_groups
from tidegauge.query.timeless import is_timeless
from tidegauge.query.vocabulary import Pair, field_or_pair
from tidegauge.store.segment import ROLLED_TABLES

if TYPE_CHECKING:
    from collections.abc import Collection

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake


def top(lake: Lake, query: Query, now: int) -> Answer:
    """The largest groups by ``query.by``; the rest in ``other``, where metrics that do not add up are None.

    Grouped by either side of a flow, groups overlap and there is no ``other``.
    """
    rolled = partial(rolled_groups, tables=ROLLED_TABLES)
    parts = ("direction", "compare", "having")
    with Reading(lake, query, now, parts, rolled=rolled, timeless=is_timeless) as reading:
        statement = ranking_with_whole(
            reading.query,
            reading.time_range,
            reading.earlier,
            reading.traits,
            is_rolled=reading.rolled is not None,
        )
        *groups, whole = reading.tuples(statement)
        columns = statement.columns
        data = rows_from_tuples(columns, [group[: len(columns)] for group in groups])
        overlap = any(_is_either_side(words) for words in query.by)
        found, adding = measures(query.metrics), _adding(query)
        if overlap or not all(measure.is_additive or measure.kind == "share" for measure in found):
            totals = totals_of(reading)
        else:
            totals = totals_from_whole(reading, columns, whole)
        other = None if overlap else _other(totals, data, adding, groups=whole[len(columns)])
        metric = shared_metric(query)
        add_shares(data, metric, totals.metrics.get(metric), overlap=overlap)
        if other:
            add_shares([other], metric, totals.metrics.get(metric), overlap=True)
        return reading.answer(
            data,
            columns,
            totals={name: value for name, value in totals.metrics.items() if name not in SHARES},
            other=other,
            extent=totals.extent,
            warnings=totals.warnings,
        )


def _adding(query: Query) -> frozenset[str]:
    found = [measure for measure in measures(query.metrics) if measure.is_additive]
    return frozenset(measure.name for measure in (*found, *before(found)))


def _other(
    totals: Totals, data: list[dict[str, Any]], adding: Collection[str], groups: int
) -> dict[str, Any] | None:
    """What the rows leave out; None where they leave out no group, now or earlier."""
    left = totals.minus(data, adding)
    is_cut = len(data) < groups or any(value for name, value in left.items() if name.endswith(BEFORE))
    return left if is_cut else None


def _is_either_side(words: str) -> bool:
    return isinstance(field_or_pair(words.partition("/")[0].strip()), Pair)
