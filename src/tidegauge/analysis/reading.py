"""A reading: one question being answered from one generation of the lake."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.completeness import completeness
from tidegauge.analysis.naming import provide
from tidegauge.analysis.rows import described, rows_from_tuples
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import TimeRange, range_from_words
from tidegauge.query.canonical import canonical
from tidegauge.query.error import QuestionError
from tidegauge.query.parser import parse
from tidegauge.query.question import Query, refuse_unanswered
from tidegauge.store.engines.duckdb import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.query.statement import Column, Statement
    from tidegauge.store.lake import Lake


class Reading:
    """Holds the generation and the database while a question is asked; use ``with``.

    Raises QuestionError (FilterError for the filter) before anything is opened.
    """

    def __init__(self, lake: Lake, query: Query, now: int) -> None:
        refuse_unanswered(query)
        self.query = query
        self.filter = parse(query.filter)
        self.time_range = time_range_of(query, now)
        self._started = time.perf_counter()
        self._lake = lake
        self._provided: set[str] = set()
        self._generation = lake.generation()
        self.engine = Engine(self._generation, self.time_range.since, self.time_range.until)

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        """Run a statement and turn its rows into dicts."""
        return rows_from_tuples(statement.columns, self.tuples(statement))

    def tuples(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Run a statement, after what it looks up has been made, and give its rows as they come."""
        missing = [name for name in statement.lookups if name not in self._provided]
        if missing:
            provide(self.engine, self._lake, missing, self.time_range.since, self.time_range.until)
            self._provided.update(missing)
        return self.engine.rows(statement.sql, statement.values)

    def answer(
        self,
        data: list[dict[str, Any]],
        columns: Sequence[Column],
        *,
        totals: dict[str, int | None] | None = None,
        other: dict[str, Any] | None = None,
        extent: TimeRange | None = None,
        warnings: Sequence[str] = (),
    ) -> Answer:
        """Put an answer together.

        ``extent`` is the time the flows of an answer about flows span; it stands in for the sides the
        question left open.
        """
        time_range, is_of_flows = self.time_range, extent is not None
        extent = extent or TimeRange()
        scanned = self.engine.scanned
        return Answer(
            data=data,
            columns=described(columns),
            totals=totals or {},
            other=other,
            completeness=completeness(self.engine, time_range, is_of_flows=is_of_flows),
            warnings=[*self.filter.warnings, *warnings],
            stats={
                "rows": scanned.rows,
                "files": scanned.files,
                "bytes": scanned.bytes,
                "milliseconds": round((time.perf_counter() - self._started) * 1000, 3),
            },
            since=_text(extent.since if time_range.since is None else time_range.since),
            until=_text(extent.until if time_range.until is None else time_range.until),
            filter=canonical(self.filter.term),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()
        self._generation.close()


def time_range_of(query: Query, now: int) -> TimeRange:
    """The absolute range of a question. Raises QuestionError when its words are no time."""
    try:
        return range_from_words(query.since, query.until, query.time_zone, now)
    except ValueError as error:
        raise QuestionError(str(error)) from None


def _text(instant: int | None) -> str | None:
    return None if instant is None else text_from_instant(instant)
