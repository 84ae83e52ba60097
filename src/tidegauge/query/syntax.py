"""What a filter says, once read: a tree of terms.

Values are plain numbers, texts and bytes; the field beside them says what they mean
(nanoseconds, a port, flags). Terms are equal when they say the same in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tidegauge.flow.addresses import Network

Operator = Literal["=", "<", "<=", ">", ">=", "like", "~", "has", "any"]


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from ``low`` to ``high``, both included."""

    low: int
    high: int


Value: TypeAlias = int | str | bytes | Span | Network | None


@dataclass(frozen=True, slots=True)
class Anything:
    """Every flow."""


@dataclass(frozen=True, slots=True)
class Match:
    """A field compared with a value.

    ``field`` is a field of a flow, or an either-side word such as ``addr``, which matches when
    one of its two sides does. ``=`` takes several values, all different, and matches any; the others
    take one. ``has`` wants every flag of its value set, ``any`` at least one.
    A comparison with an absent value is false, so its negation is true.
    """

    field: str
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Flows that ``term`` does not match."""

    term: Term


@dataclass(frozen=True, slots=True)
class And:
    """Flows that all terms match; at least two, none of them an And."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Flows that any term matches; at least two, none of them an Or."""

    terms: tuple[Term, ...]


Term: TypeAlias = Anything | Match | Not | And | Or


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as read, with what its writer should know about the reading."""

    term: Term
    warnings: tuple[str, ...] = ()


def conjunction(terms: list[Term]) -> Term:
    """All of ``terms``, nested conjunctions laid flat."""
    return terms[0] if len(terms) == 1 else And(tuple(_flat(terms, And)))


def disjunction(terms: list[Term]) -> Term:
    """Any of ``terms``, nested disjunctions laid flat."""
    return terms[0] if len(terms) == 1 else Or(tuple(_flat(terms, Or)))


def depth(term: Term) -> int:
    """How many terms are nested into each other."""
    if isinstance(term, Not):
        return 1 + depth(term.term)
    if isinstance(term, And | Or):
        return 1 + max(depth(inner) for inner in term.terms)
    return 1


def size(term: Term) -> int:
    """How many values the term compares with."""
    if isinstance(term, Not):
        return size(term.term)
    if isinstance(term, And | Or):
        return sum(size(inner) for inner in term.terms)
    return len(term.values) if isinstance(term, Match) else 1


def _flat(terms: list[Term], kind: type[And | Or]) -> list[Term]:
    flat: list[Term] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, kind) else (term,))
    return flat
