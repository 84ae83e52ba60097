"""Reading a filter: tokens to terms, by recursive descent.

Written by hand rather than generated: that gives the exact column of an error, the list of
what could stand there, and a bound on depth, without a dependency.

``and`` binds tighter than ``or``, as in nfdump and SQL. tcpdump gives both the same rank, so a
filter that mixes them without brackets is answered with a warning that shows the brackets.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegauge.query.canonical import canonical
from tidegauge.query.condition import ConditionReader
from tidegauge.query.cursor import Cursor, Offer
from tidegauge.query.error import FilterError
from tidegauge.query.lexer import tokens
from tidegauge.query.macros import NO_MACROS, Macros
from tidegauge.query.syntax import (
    Anything,
    Filter,
    Match,
    Not,
    Term,
    conjunction,
    depth,
    disjunction,
    size,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DEPTH = 64
"""How deep terms may be nested. The canonical form of such a filter needs no more brackets than this."""

MAX_COMPARISONS = 10_000
"""Values a filter may compare with, macros written out. A macro of macros doubles with each level."""

_STARTS = Offer("condition", ("not", "(", "any"))
_MAX_BRACKETS = 2 * MAX_DEPTH  # redundant ones included; keeps the descent far from Python's own limit


def parse(text: str, macros: Mapping[str, str] | None = None) -> Filter:
    """Read a filter; an empty one matches every flow. Raises FilterError.

    ``macros`` are filters by name, without the ``@``. They are written out: the canonical form needs none.

    >>> parse("dst port 443").term
    Match(field='dst_port', operator='=', values=(443,))
    """
    return _parse(text, Macros(macros) if macros else NO_MACROS)


def offers(text: str, macros: Mapping[str, str] | None = None) -> tuple[Offer, ...]:
    """What could follow a filter that is still being typed; nothing where it is wrong before its end."""
    try:
        reader = _Reader(Cursor(tokens(text)), Macros(macros) if macros else NO_MACROS)
    except FilterError:
        return ()
    with suppress(FilterError):
        reader.whole()
    return tuple(reader.cursor.offers)


def _parse(text: str, macros: Macros) -> Filter:
    try:
        reader = _Reader(Cursor(tokens(text)), macros)
        return Filter(reader.whole(), tuple(reader.cursor.warnings))
    except FilterError as error:
        error.text = text
        raise


class _Reader:
    """How conditions are joined; what one says is the ConditionReader's part."""

    def __init__(self, cursor: Cursor, macros: Macros) -> None:
        self.cursor = cursor
        self._macros = macros
        self._conditions = ConditionReader(cursor)
        self._open = 0
        self._comparisons = 0

    def whole(self) -> Term:
        if self.cursor.is_done:
            self.cursor.offer(_STARTS)
            return Anything()
        term = self._alternatives()
        if not self.cursor.is_done:
            raise self._conditions.left_over()
        if depth(term) > MAX_DEPTH:
            raise FilterError(f"the filter is nested more than {MAX_DEPTH} deep", 1)
        return term

    def _alternatives(self) -> Term:
        column = self.cursor.next.column
        term, count = self._all()
        terms, is_mixed = [term], count > 1
        while self.cursor.accept("or", "||"):
            term, count = self._all()
            terms.append(term)
            is_mixed = is_mixed or count > 1
        found = disjunction(terms)
        if is_mixed and len(terms) > 1:
            self.cursor.warn(column, f"'and' binds tighter than 'or'; read as: {canonical(found)}")
        return found

    def _all(self) -> tuple[Term, int]:
        terms = [self._one()]
        while self.cursor.accept("and", "&&"):
            terms.append(self._one())
        return conjunction(terms), len(terms)

    def _one(self) -> Term:
        self.cursor.offer(_STARTS)
        token = self.cursor.next
        if token.word == "not" or (token.kind == "operator" and token.text == "!"):
            self.cursor.take()
            return self._negated(self._nested(self._one, token.column), token.column)
        if token.kind == "mark" and token.text == "(":
            self.cursor.take()
            term = self._nested(self._alternatives, token.column)
            if not self.cursor.accept(")"):
                wanted = f"the bracket of column {token.column} to close"
                raise self.cursor.unexpected(wanted, (")", "and", "or"))
            return term
        return self._counted(self._primary())

    def _nested(self, read: Callable[[], Term], column: int) -> Term:
        self._open += 1
        if self._open > _MAX_BRACKETS:
            raise FilterError(f"more than {_MAX_BRACKETS} brackets and nots are open here", column)
        term = read()
        self._open -= 1
        return term

    def _negated(self, term: Term, column: int) -> Term:
        """Negate a term; ``not flags AF`` means neither of them, as nfdump's manual uses it."""
        if isinstance(term, Match) and self._conditions.is_bare_flags(term):
            neither = Not(replace(term, operator="any"))
            self.cursor.warn(column, f"read as none of these flags, as nfdump does: {canonical(neither)}")
            return neither
        return Not(term)

    def _primary(self) -> Term:
        token = self.cursor.next
        if token.word.startswith("@"):
            self.cursor.take()
            found = self._macros.expand(token.text[1:], token.column, _parse)
            self.cursor.warnings.extend(f"in {token.text}: {warning}" for warning in found.warnings)
            return found.term
        return self._conditions.read()

    def _counted(self, term: Term) -> Term:
        self._comparisons += size(term)
        if self._comparisons > MAX_COMPARISONS:
            column = self.cursor.next.column
            raise FilterError(f"the filter compares with more than {MAX_COMPARISONS} values", column)
        return term
