"""A filter as SQL: an expression over the columns of a flow, every value a parameter.

SQL's comparisons with NULL give NULL. At the top that counts as false, as the filter language
wants; under a ``not`` it would drop rows that should pass, hence ``IS NOT TRUE``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.addresses import BITS, Network, uuid_text
from tidegauge.query.syntax import And, Anything, Match, Not, Span, Term, Value
from tidegauge.query.vocabulary import Find, Pair, field_or_pair

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.parameters import Parameters

_SQL_OPERATORS = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def predicate(term: Term, parameters: Parameters, find: Find = field_or_pair) -> str:
    """The SQL expression that is true for the flows ``term`` matches; ``find`` tells what its words mean."""
    if isinstance(term, Anything):
        return "TRUE"
    if isinstance(term, Not):
        return f"({predicate(term.term, parameters, find)}) IS NOT TRUE"
    if isinstance(term, Match):
        return _match(term, parameters, find(term.field))
    word = " AND " if isinstance(term, And) else " OR "
    return f"({word.join(predicate(inner, parameters, find) for inner in term.terms)})"


def column(field: Field) -> str:
    """The SQL expression of a field: its column, what it is derived from, or what it resolves to."""
    expression = field.resolved or field.sql
    return f"({expression})" if expression else f'"{field.name}"'


def _match(match: Match, parameters: Parameters, entry: Field | Pair | None) -> str:
    if entry is None:
        raise ValueError(f"{match.field!r} is no field")
    fields = (entry.left, entry.right) if isinstance(entry, Pair) else (entry,)
    alternatives = [comparison for field in fields for comparison in _comparisons(field, match, parameters)]
    return alternatives[0] if len(alternatives) == 1 else f"({' OR '.join(alternatives)})"


def _comparisons(field: Field, match: Match, parameters: Parameters) -> list[str]:
    """One comparison for each value, those of plain values as one list: thousands of ORs are slow to plan."""
    plain = [value for value in match.values if isinstance(value, int | str | bytes)]
    if match.operator != "=" or len(plain) < 2:  # noqa: PLR2004 (a list of one is a comparison)
        return [_comparison(field, match, value, parameters) for value in match.values]
    listed = ", ".join(_literal(field, value, parameters) for value in plain)
    others = [value for value in match.values if not isinstance(value, int | str | bytes)]
    return [
        f"{column(field)} IN ({listed})",
        *(_comparison(field, match, value, parameters) for value in others),
    ]


def _comparison(field: Field, match: Match, value: Value, parameters: Parameters) -> str:
    expression = column(field)
    if value is None:
        return f"{expression} IS NULL"
    if isinstance(value, Span):
        low, high = (_literal(field, bound, parameters) for bound in (value.low, value.high))
        return f"{expression} BETWEEN {low} AND {high}"
    if isinstance(value, Network):
        return _within(expression, value, parameters)
    literal = _literal(field, value, parameters)
    if match.operator == "has":
        return f"({expression} & {literal}) = {literal}"
    if match.operator == "any":
        return f"({expression} & {literal}) <> 0"
    if match.operator == "~":
        return f"contains(lower({expression}), lower({literal}))"
    if match.operator == "like":
        return f"{expression} ILIKE {literal}"
    return f"{expression} {_SQL_OPERATORS[match.operator]} {literal}"


def _within(expression: str, network: Network, parameters: Parameters) -> str:
    first = f"CAST({parameters.add(uuid_text(network.first))} AS UUID)"
    if network.length == BITS:
        return f"{expression} = {first}"
    return f"{expression} BETWEEN {first} AND CAST({parameters.add(uuid_text(network.last))} AS UUID)"


def _literal(field: Field, value: int | str | bytes, parameters: Parameters) -> str:
    parameter = parameters.add(value)
    if field.type == "instant":
        return f"CAST(make_timestamp_ns({parameter}) AS TIMESTAMPTZ_NS)"
    return f"CAST({parameter} AS {field.sql_type})"
