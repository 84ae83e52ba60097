"""The one way to write each filter: what every answer, page and alert shows back.

Fields by their schema names, operators as signs, numbers unscaled, and brackets wherever
``and`` meets ``or``, so that nobody has to know which binds tighter.
"""

from __future__ import annotations

from tidegauge.query.syntax import And, Anything, Match, Not, Or, Term
from tidegauge.query.value import text_from_value
from tidegauge.query.vocabulary import Pair, field_or_pair


def canonical(term: Term) -> str:
    """Write a filter; reading the text gives an equal filter.

    >>> canonical(Not(Match("port", "=", (80,))))
    'port != 80'
    """
    if isinstance(term, Anything):
        return "any"
    if isinstance(term, Match):
        return _match_text(term, negated=False)
    if isinstance(term, Not):
        if isinstance(term.term, Match) and term.term.operator == "=":
            return _match_text(term.term, negated=True)
        return f"not {_bracketed(term.term)}"
    word = " and " if isinstance(term, And) else " or "
    return word.join(_bracketed(inner) for inner in term.terms)


def _bracketed(term: Term) -> str:
    return f"({canonical(term)})" if isinstance(term, And | Or) else canonical(term)


def _match_text(match: Match, *, negated: bool) -> str:
    entry = field_or_pair(match.field)
    field = entry.left if isinstance(entry, Pair) else entry
    if field is None:
        raise ValueError(f"{match.field!r} is no field")
    values = [text_from_value(field, value, operator=match.operator) for value in match.values]
    if len(values) > 1:
        return f"{match.field} {'not ' if negated else ''}in [{', '.join(values)}]"
    operator = "!=" if negated else match.operator
    return f"{match.field} {operator} {values[0]}"
