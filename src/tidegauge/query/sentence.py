"""A filter in plain English, for people who want to know whether it says what they meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.addresses import BITS, Network
from tidegauge.query.syntax import And, Anything, Match, Not, Or, Span
from tidegauge.query.value import kind_of, text_from_value
from tidegauge.query.vocabulary import FLAG_LETTERS, Pair, field_or_pair

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.syntax import Operator, Term, Value

_NAMES = {
    "tcp_flags": "TCP flags", "tos": "type of service", "dscp": "DSCP", "ecn": "ECN", "vlan": "VLAN",
    "bps": "bits per second", "pps": "packets per second", "bpp": "bytes per packet", "end": "end",
    "icmp_type": "ICMP type", "icmp_code": "ICMP code", "tcp_rtt": "TCP round trip",
}  # fmt: skip
_PARTS = {
    "src": "source", "dst": "destination", "addr": "address", "mac": "MAC address", "as": "AS",
    "nat": "translated", "in": "input", "out": "output",
}  # fmt: skip
_FLAGS = dict(zip(FLAG_LETTERS, ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"), strict=True))
_COMPARED = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_TIMED = {"<": "before", "<=": "not after", ">": "after", ">=": "not before"}
_MATCHED = {"~": "contains", "like": "looks like"}
_COUNTED = frozenset({"bytes", "packets", "bits per second", "packets per second", "bytes per packet"})


def sentence(term: Term) -> str:
    """Say which flows the filter picks.

    >>> from tidegauge.query.parser import parse
    >>> sentence(parse("src net 10/8 and bytes > 1M and not port in [80, 443]").term)
    'flows whose source address is in 10.0.0.0/8, bytes are more than 1,000,000, and neither source nor \
destination port is 80 or 443'
    """
    if isinstance(term, Anything):
        return "every flow"
    if isinstance(term, Not) and _negated(term.term).startswith("not "):
        return f"flows except those whose {_clause(term.term)}"
    return f"flows whose {_clause(term)}"


def _clause(term: Term) -> str:
    if isinstance(term, Anything):
        return "kind is any"
    if isinstance(term, Match):
        return _match(term)
    if isinstance(term, Not):
        return _negated(term.term)
    word = "and" if isinstance(term, And) else "or"
    return _joined([_bracketed(inner) for inner in term.terms], word)


def _negated(term: Term) -> str:
    if isinstance(term, Match) and term.operator in ("=", "has", "any") and not _is_pair(term):
        return _match(term, " not")
    if isinstance(term, Match) and term.operator == "=":
        return f"neither {_match(term)}".replace(" or ", " nor ", 1)
    return f"not ({_clause(term)})"


def _bracketed(term: Term) -> str:
    return f"({_clause(term)})" if isinstance(term, And | Or) else _clause(term)


def _joined(parts: list[str], word: str) -> str:
    if len(parts) <= 2:  # noqa: PLR2004 (two need no comma)
        return f" {word} ".join(parts)
    return f"{', '.join(parts[:-1])}, {word} {parts[-1]}"


def _is_pair(match: Match) -> bool:
    return isinstance(field_or_pair(match.field), Pair)


def _match(match: Match, negation: str = "") -> str:
    entry = field_or_pair(match.field)
    if entry is None:
        raise ValueError(f"{match.field!r} is no field")
    if isinstance(entry, Pair):
        return f"{_either(entry)} {_compared(entry.left, match, negation)}"
    return f"{_name(entry.name)} {_compared(entry, match, negation)}"


def _compared(field: Field, match: Match, negation: str) -> str:
    operator, first = match.operator, match.values[0]
    if operator in ("has", "any"):
        include = "do not include" if negation else "include"
        return f"{include} {_flags(first, 'and' if operator == 'has' else 'or')}"
    if operator in _MATCHED:
        return f"{_MATCHED[operator]} {_value(field, first, operator)}"
    verb = "are" if field.name.endswith(("bytes", "packets", "flags", "retransmits")) else "is"
    if operator == "=":
        return f"{verb}{negation} {_joined(_texts(field, match.values), 'or')}"
    words = _TIMED if kind_of(field) == "instant" else _COMPARED
    return f"{verb} {words[operator]} {_value(field, first, operator)}"


def _texts(field: Field, values: tuple[Value, ...]) -> list[str]:
    return [_value(field, value, "=") for value in values]


def _value(field: Field, value: Value, operator: Operator) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, Span):
        return f"from {_number(field, value.low)} to {_number(field, value.high)}"
    if isinstance(value, Network):
        return str(value) if value.length == BITS else f"in {value}"
    if kind_of(field) == "number" and isinstance(value, int):
        text = text_from_value(field, value, operator=operator)
        return text.upper() if text.isalpha() else _number(field, value)
    return text_from_value(field, value, operator=operator)


def _number(field: Field, value: int) -> str:
    return f"{value:,}" if field.unit in _COUNTED else str(value)


def _flags(value: Value, word: str) -> str:
    assert isinstance(value, int)
    names = [_FLAGS[letter] for bit, letter in enumerate(FLAG_LETTERS) if value >> bit & 1]
    return _joined(names, word) if names and not value >> len(FLAG_LETTERS) else f"0x{value:x}"


def _either(pair: Pair) -> str:
    """Both names, what they share said once: "source or destination port"."""
    left, right = (_name(field.name).split(" ") for field in (pair.left, pair.right))
    place = next(index for index, (a, b) in enumerate(zip(left, right, strict=True)) if a != b)
    return " ".join([*left[: place + 1], "or", *right[place:]])


def _name(name: str) -> str:
    return _NAMES.get(name) or " ".join(_PARTS.get(part, part) for part in name.split("_"))
