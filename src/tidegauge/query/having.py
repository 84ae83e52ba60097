"""Reading ``having``: a condition on the rows of an answer, written as a filter is.

It speaks of the answer's own columns, metrics and keys: ``bytes > 1M and flows < 10``. Values are
read and compared as in filters; only the words are other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tidegauge.flow.field import Field
from tidegauge.query.comparison import ComparisonReader
from tidegauge.query.cursor import Cursor
from tidegauge.query.error import FilterError
from tidegauge.query.lexer import tokens
from tidegauge.query.predicate import predicate
from tidegauge.query.syntax import Not, Term, conjunction, disjunction
from tidegauge.query.vocabulary import field_or_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tidegauge.query.grouping import Key
    from tidegauge.query.measure import Measure
    from tidegauge.query.parameters import Parameters

MAX_DEPTH = 32


def having(text: str, columns: Mapping[str, Field], parameters: Parameters) -> str:
    """The SQL condition that ``text`` means; empty for an empty one.

    ``columns`` are what may be spoken of, each with the SQL that computes it. Raises FilterError, whose
    ``text`` is this one.
    """
    if not text.strip():
        return ""
    try:
        term = _Reader(Cursor(tokens(text)), columns).whole()
    except FilterError as error:
        error.text = text
        raise
    return predicate(term, parameters, columns.get)


def key_field(key: Key, sql: str) -> Field:
    """A key of the answer as a field to compare; ``sql`` computes it."""
    field = key.fields[0]
    return replace(
        field,
        name=key.column.name,
        sql=f"CAST({sql} AS UUID)" if key.column.type == "network" else sql,
        resolved="",
    )


def metric_field(measure: Measure) -> Field:
    """A metric of the answer as a field to compare."""
    name = f'"{measure.name}"'
    sql = f"CAST(make_timestamp_ns({name}) AS TIMESTAMPTZ_NS)" if measure.type == "instant" else name
    return Field(measure.name, measure.type, "UBIGINT", measure.unit, "", (), (), sql)


class _Reader:
    """The grammar of a filter's brackets, around comparisons of the answer's columns."""

    def __init__(self, cursor: Cursor, columns: Mapping[str, Field]) -> None:
        self._cursor = cursor
        self._columns = columns
        self._comparisons = ComparisonReader(cursor)
        self._open = 0

    def whole(self) -> Term:
        term = self._any()
        if not self._cursor.is_done:
            raise self._cursor.unexpected("and, or, or the end", ("and", "or"))
        return term

    def _any(self) -> Term:
        terms = [self._all()]
        while self._cursor.accept("or", "||"):
            terms.append(self._all())
        return disjunction(terms)

    def _all(self) -> Term:
        terms = [self._one()]
        while self._cursor.accept("and", "&&"):
            terms.append(self._one())
        return conjunction(terms)

    def _one(self) -> Term:
        column = self._cursor.next.column
        if self._cursor.accept("not", "!"):
            return Not(self._nested(self._one, column))
        if self._cursor.accept("("):
            term = self._nested(self._any, column)
            if not self._cursor.accept(")"):
                raise self._cursor.unexpected(f"the bracket of column {column} to close", (")", "and", "or"))
            return term
        return self._comparison()

    def _nested(self, read: Callable[[], Term], column: int) -> Term:
        self._open += 1
        if self._open > MAX_DEPTH:
            raise FilterError(f"more than {MAX_DEPTH} brackets and nots are open here", column)
        term = read()
        self._open -= 1
        return term

    def _comparison(self) -> Term:
        noun = self._cursor.next
        entry = field_or_pair(noun.word) if noun.word else None
        name = entry.name if entry else noun.word
        if name not in self._columns:
            name = noun.word
        if name not in self._columns:
            known = tuple(self._columns)
            raise self._cursor.unexpected(f"a column of the answer ({', '.join(known)})", known)
        self._cursor.take()
        matches, is_negated = self._comparisons.read(self._columns[name], (name,), noun)
        term = conjunction([*matches])
        return Not(term) if is_negated else term
