"""``matrix``: one field against another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.query.matrix import matrix as matrix_statement

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

OTHER, UNKNOWN = "(other)", "(unknown)"


def matrix(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each cell that has flows, the largest row and column first.

    What has no place among the largest is in cells marked ``is_other_row`` or ``is_other_column``, so that
    all cells add up to the totals.
    """
    with Reading(lake, query, now, ("direction",)) as reading:
        statement = matrix_statement(reading.query, reading.time_range)
        data, totals = reading.rows(statement), totals_of(reading)
        return reading.answer(
            data, statement.columns, totals=totals.metrics, extent=totals.extent, warnings=totals.warnings
        )


def laid_out(answer: Answer) -> Answer:
    """The same matrix as people draw it: a row for each row, a column for each column, one metric inside.

    The metric is the first. Where no flow has both, the cell is None.
    """
    down, across, _, _, metric, *_ = answer.columns
    widths: dict[str, tuple[bool, int]] = {}
    rows: dict[str, dict[str, Any]] = {}
    for cell in answer.data:
        amount, column = cell[metric["name"]], _label(cell, across["name"], "is_other_column")
        _, so_far = widths.get(column, (False, 0))
        widths[column] = (not cell["is_other_column"], so_far + (amount or 0))
        rows.setdefault(_label(cell, down["name"], "is_other_row"), {})[column] = amount
    places = sorted(widths, key=lambda column: widths[column], reverse=True)
    head = {"name": down["name"], "type": "text", "unit": ""}
    return msgspec.structs.replace(
        answer,
        data=[
            {head["name"]: label} | {place: row.get(place) for place in places} for label, row in rows.items()
        ],
        columns=[head, *({**metric, "name": place} for place in places)],
    )


def _label(cell: dict[str, Any], name: str, mark: str) -> str:
    if cell[mark]:
        return OTHER
    return UNKNOWN if cell[name] is None else str(cell[name])
