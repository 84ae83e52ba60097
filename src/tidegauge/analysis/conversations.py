"""``conversations``: who talked with whom, both directions in one row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import Totals, totals_of
from tidegauge.query.conversations import DEFAULT_LIMIT, by_of
from tidegauge.query.conversations import conversations as conversations_statement

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_METRICS = ("bytes", "packets", "flows")


def conversations(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each client, server, port and protocol, or what ``query.by`` names; the rest in ``other``.

    Bytes and packets are given each way and together.
    """
    asked = msgspec.structs.replace(query, by=by_of(query), metrics=_METRICS)
    with Reading(lake, asked, now) as reading:
        named = msgspec.structs.replace(reading.query, by=query.by)
        statement = conversations_statement(named, reading.time_range)
        data, totals = reading.rows(statement), _of_rows(totals_of(reading))
        shown = DEFAULT_LIMIT if query.top is None else query.top
        is_cut = bool(shown) and len(data) == shown
        return reading.answer(
            data,
            statement.columns,
            totals=totals.metrics,
            other=totals.minus(data) if is_cut else None,
            extent=totals.extent,
            warnings=totals.warnings,
        )


def _of_rows(totals: Totals) -> Totals:
    """Totals whose flows add up from rows: here both directions of a record fall into the same one."""
    return replace(totals, flows_of_groups=totals.metrics["flows"] or 0)
