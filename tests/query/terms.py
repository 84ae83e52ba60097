"""Random filters for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from tidegauge.flow.addresses import BITS, Network
from tidegauge.flow.field import Field
from tidegauge.query.syntax import And, Anything, Match, Not, Or, Span, Term, Value
from tidegauge.query.value import OPERATORS, kind_of
from tidegauge.query.vocabulary import Pair, entries

_MAXIMUM = {"uint8": 2**8 - 1, "uint16": 2**16 - 1, "uint32": 2**32 - 1, "uint64": 2**64 - 1}
_TEXT = st.text("aZ09 \"'\\\n\t#-%_ß☃", max_size=12)


def _field(entry: Field | Pair) -> Field:
    return entry.left if isinstance(entry, Pair) else entry


_ENTRIES: dict[str, Field | Pair] = {entry.name: entry for entry in entries()}
COMPARABLE = tuple(name for name, entry in _ENTRIES.items() if OPERATORS[kind_of(_field(entry))])


def _network(address: int, length: int) -> Network:
    return Network(address >> (BITS - length) << (BITS - length), length)


def networks() -> st.SearchStrategy[Network]:
    v6 = st.builds(_network, st.integers(0, 2**128 - 1), st.integers(0, BITS))
    v4 = st.builds(_network, st.integers(0xFFFF << 32, (0x10000 << 32) - 1), st.integers(96, BITS))
    return v4 | v6


def values(field: Field) -> st.SearchStrategy[Value]:
    """Values a filter may compare ``field`` with."""
    match kind_of(field):
        case "address":
            return networks()
        case "instant" | "duration":
            return st.integers(-(2**62), 2**62)
        case "mac":
            return st.binary(min_size=6, max_size=6)
        case "text":
            return _TEXT.map(str.upper) if field.name.endswith("_country") else _TEXT
        case "flags":
            return st.integers(0, 2**16 - 1)
        case _:
            number = st.integers(0, _MAXIMUM[field.type])
            return number | st.tuples(number, number).map(lambda ends: Span(min(ends), max(ends)))


def matches(names: tuple[str, ...] = ()) -> st.SearchStrategy[Match]:
    """Comparisons of any field or either-side word, or of those named."""
    return st.sampled_from(names or COMPARABLE).flatmap(lambda name: _match(_ENTRIES[name]))


def terms(names: tuple[str, ...] = ()) -> st.SearchStrategy[Term]:
    """Filters of any shape, laid flat as the parser does it."""
    leaves: st.SearchStrategy[Term] = matches(names) | st.just(Anything())
    return st.recursive(leaves, _nested, max_leaves=8)


def _nested(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    no_and = st.lists(inner.filter(lambda term: not isinstance(term, And)), min_size=2, max_size=3)
    no_or = st.lists(inner.filter(lambda term: not isinstance(term, Or)), min_size=2, max_size=3)
    return (
        inner.map(Not)
        | no_and.map(lambda found: And(tuple(found)))
        | no_or.map(lambda found: Or(tuple(found)))
    )


def _match(entry: Field | Pair) -> st.SearchStrategy[Match]:
    field = _field(entry)
    several = st.lists(values(field) | st.none(), min_size=1, max_size=3, unique=True).map(tuple)
    equal = several.map(lambda found: Match(entry.name, "=", found))
    others = [operator for operator in OPERATORS[kind_of(field)] if operator != "="]
    if not others:
        return equal
    one = values(field).filter(lambda value: not isinstance(value, Span))
    return equal | st.builds(
        lambda operator, value: Match(entry.name, operator, (value,)), st.sampled_from(others), one
    )
