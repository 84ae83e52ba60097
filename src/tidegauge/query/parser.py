"""Reading a filter: tokens to terms, by recursive descent.

Written by hand rather than generated: that gives the exact column of an error, the list of
what could stand there, and a bound on depth, without a dependency.

``and`` binds tighter than ``or``, as in nfdump and SQL. tcpdump gives both the same rank, so a
filter that mixes them without brackets is answered with a warning that shows the brackets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.addresses import network_from_text
from tidegauge.query.canonical import canonical
from tidegauge.query.error import FilterError
from tidegauge.query.lexer import Token, tokens
from tidegauge.query.syntax import (
    And,
    Anything,
    Filter,
    Match,
    Not,
    Operator,
    Span,
    Term,
    Value,
    conjunction,
    depth,
    disjunction,
)
from tidegauge.query.value import EXAMPLES, OPERATORS, kind_of, value_from_text
from tidegauge.query.vocabulary import FAMILIES, FILLERS, PAIRS, PROTOCOLS, Pair, field_or_pair, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.flow.field import Field

MAX_DEPTH = 64
"""How deep terms may be nested. The canonical form of such a filter needs no more brackets than this."""

_MAX_BRACKETS = 2 * MAX_DEPTH  # redundant ones included; keeps the descent far from Python's own limit

_AND, _OR, _NOT = ("and", "&&"), ("or", "||"), ("not", "!")
_RESERVED = frozenset({"and", "or", "not"})
_SIDES = ("src", "dst", "in", "out")
_SIGNS: dict[str, Operator] = {
    "=": "=",
    "==": "=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "~": "~",
    "<<": "=",
}
_SIGN_WORDS: dict[str, Operator] = {
    "eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "like": "like", "contains": "~", "has": "has",
}  # fmt: skip
_START = ("a field", "src", "dst", "a protocol", "an address", "not", "(")
_ADDRESS = PAIRS[0]
_ANY_V4 = network_from_text("0.0.0.0/0")


def parse(text: str) -> Filter:
    """Read a filter; an empty one matches every flow. Raises FilterError.

    >>> parse("dst port 443").term
    Match(field='dst_port', operator='=', values=(443,))
    """
    try:
        reader = _Reader(tokens(text))
        return Filter(reader.whole(), tuple(reader.warnings))
    except FilterError as error:
        error.text = text
        raise


class _Reader:
    """The tokens of one filter and how far they are read."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._position = 0
        self._brackets = 0
        self._latest: Match | None = None
        self.warnings: list[str] = []

    def whole(self) -> Term:
        if self._is_done:
            return Anything()
        term = self._alternatives()
        if not self._is_done:
            raise self._unexpected("and, or, or the end", ("and", "or"))
        if depth(term) > MAX_DEPTH:
            raise FilterError(f"the filter is nested more than {MAX_DEPTH} deep", 1)
        return term

    # Words

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    @property
    def _is_done(self) -> bool:
        return self._next.kind == "end"

    def _take(self) -> Token:
        token = self._next
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def _accept(self, words: tuple[str, ...]) -> bool:
        token = self._next
        found = token.kind != "text" and token.text.lower() in words
        if found:
            self._take()
        return found

    def _unexpected(self, wanted: str, expected: tuple[str, ...], suggestion: str = "") -> FilterError:
        return FilterError(f"expected {wanted}, found {self._next}", self._next.column, expected, suggestion)

    # Terms

    def _alternatives(self) -> Term:
        column = self._next.column
        term, count = self._all()
        terms, mixed = [term], count > 1
        while self._accept(_OR):
            term, count = self._all()
            terms.append(term)
            mixed = mixed or count > 1
        found = disjunction(terms)
        if mixed and len(terms) > 1:
            self.warnings.append(
                f"column {column}: 'and' binds tighter than 'or'; read as: {canonical(found)}"
            )
        return found

    def _all(self) -> tuple[Term, int]:
        terms = [self._one()]
        while self._accept(_AND):
            terms.append(self._one())
        return conjunction(terms), len(terms)

    def _one(self) -> Term:
        column = self._next.column
        if self._accept(_NOT):
            return Not(self._nested(self._one, column))
        if self._accept(("(",)):
            term = self._nested(self._alternatives, column)
            if not self._accept((")",)):
                raise self._unexpected(f"the bracket of column {column} to close", (")", "and", "or"))
            return term
        return self._primary()

    def _nested(self, read: Callable[[], Term], column: int) -> Term:
        self._brackets += 1
        if self._brackets > _MAX_BRACKETS:
            raise FilterError(f"more than {_MAX_BRACKETS} brackets and nots are open here", column)
        term = read()
        self._brackets -= 1
        return term

    def _primary(self) -> Term:
        word = self._next.word
        if word in ("any", "all"):
            self._take()
            return Anything()
        if word in _SIDES:
            return self._sided()
        if word in PROTOCOLS or word in FAMILIES:
            return self._protocol()
        entry = field_or_pair(word) if word else None
        if entry is None:
            return self._literal()
        self._take()
        if isinstance(entry, Pair):
            return self._condition(entry.left, (entry.name,))
        while kind_of(entry) == "address" and self._next.word in FILLERS:
            self._take()
        return self._condition(entry, (entry.name,))

    def _protocol(self) -> Term:
        word = self._take().word
        term: Term
        if word in PROTOCOLS:
            term = Match("protocol", "=", (PROTOCOLS[word],))
        elif FAMILIES[word] == 4:  # noqa: PLR2004 (the version of IP)
            term = Match("src_addr", "=", (_ANY_V4,))
        else:
            present, v4 = Match("src_addr", "=", (None,)), Match("src_addr", "=", (_ANY_V4,))
            term = And((Not(present), Not(v4)))
        if self._next.kind == "word" and self._next.word not in _RESERVED:
            return conjunction([term, self._primary()])
        return term

    def _sided(self) -> Term:
        first = self._take()
        sides = {first.word}
        joiner = self._next.word
        if joiner in _RESERVED - {"not"} and {first.word, self._after_next} == {"src", "dst"}:
            self._take()
            sides.add(self._take().word)
        pair = self._noun(first)
        if (pair.name == "interface") != (first.word in ("in", "out")):
            expected = ("src", "dst") if first.word in ("in", "out") else ("in", "out")
            raise FilterError(
                f"{pair.name} has no {first.word!r} side",
                first.column,
                expected,
                expected[_SIDES.index(first.word) % 2],
            )
        left, right = pair.left.name, pair.right.name
        if len(sides) == 1:
            return self._condition(pair.left, (left if first.word in ("src", "in") else right,))
        return self._condition(pair.left, (pair.name,) if joiner == "or" else (left, right))

    @property
    def _after_next(self) -> str:
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)].word

    def _noun(self, side: Token) -> Pair:
        entry = field_or_pair(self._next.word) if self._next.kind == "word" else None
        if isinstance(entry, Pair):
            self._take()
            return entry
        if side.word in ("src", "dst") and (self._next.kind == "operator" or _is_address(self._next)):
            return _ADDRESS
        nouns = ("if",) if side.word in ("in", "out") else ("host", "net", "port", "as", "mac")
        wanted = f"{', '.join(nouns)} or an address after {side.word}"
        raise self._unexpected(wanted, nouns, nearest(self._next.word, nouns))

    def _literal(self) -> Term:
        if self._next.kind == "word" and _is_address(self._next):
            return self._condition(_ADDRESS.left, (_ADDRESS.name,))
        if self._latest and self._next.word[:1].isdecimal():
            name, value = self._latest.field, canonical(self._latest).rpartition(" ")[2].strip("[]")
            hint = f"{name} in [{value}, {self._next.text}]"
            raise FilterError(f"{self._next} has no field", self._next.column, _START, hint)
        raise self._unexpected("a condition", _START, nearest(self._next.word))

    # Conditions

    def _condition(self, field: Field, names: tuple[str, ...]) -> Term:
        """Read operator and value; ``names`` are what is compared, all of them to hold."""
        operator, several, negated = self._operator(field)
        values = self._list(field) if several else (self._value(field, operator),)
        matches = [Match(name, operator, values) for name in names]
        self._latest = matches[0]
        term = conjunction([*matches])
        return Not(term) if negated else term

    def _operator(self, field: Field) -> tuple[Operator, bool, bool]:
        """Operator, whether a list may follow, and whether it is negated."""
        token = self._next
        if token.word in ("in", "notin") or (token.word == "not" and self._after_next == "in"):
            self._take()
            if token.word == "not":
                self._take()
            self._allowed("=", field, token)
            return "=", True, token.word != "in"
        if token.text == "!=" or token.word == "ne":
            self._take()
            self._allowed("=", field, token)
            return "=", False, True
        operator = _SIGNS.get(token.text) if token.kind == "operator" else _SIGN_WORDS.get(token.word)
        if operator is None:
            return ("has" if kind_of(field) == "flags" else "="), False, False
        self._take()
        self._allowed(operator, field, token)
        return operator, False, False

    def _allowed(self, operator: Operator, field: Field, token: Token) -> None:
        allowed = OPERATORS[kind_of(field)]
        if operator not in allowed:
            reason = f"takes {' '.join(allowed)}" if allowed else "cannot be compared"
            raise FilterError(
                f"{field.name} {reason}, not {token}" if allowed else f"{field.name} {reason}",
                token.column,
                allowed,
            )

    def _list(self, field: Field) -> tuple[Value, ...]:
        closing = {"[": "]", "(": ")"}.get(self._next.text)
        if closing is None or self._next.kind != "mark":
            return (self._value(field, "="),)
        self._take()
        values = [self._value(field, "=")]
        while not self._accept((closing,)):
            self._accept((",",))  # nfdump separates by blanks
            values.append(self._value(field, "="))
        return tuple(values)

    def _value(self, field: Field, operator: Operator) -> Value:
        token, kind = self._next, kind_of(field)
        self._allowed(operator, field, token)
        if token.kind not in ("word", "text") or token.word in _RESERVED:
            raise self._unexpected(EXAMPLES[kind], (EXAMPLES[kind],))
        self._take()
        if token.kind == "text" and kind == "text":
            return token.text
        try:
            value = None if token.word == "null" else value_from_text(field, token.text)
        except ValueError as error:
            raise self._refused(field, token, str(error)) from None
        if operator not in ("=", "has") and (value is None or isinstance(value, Span)):
            raise FilterError(f"{token.text} cannot be compared by {operator}", token.column, ("=",))
        return value

    def _refused(self, field: Field, token: Token, reason: str) -> FilterError:
        example = EXAMPLES[kind_of(field)]
        if kind_of(field) == "address":
            reason = f"{token.text!r} is no address or network"
        return FilterError(f"{reason}; expected {example}", token.column, (example,))


def _is_address(token: Token) -> bool:
    if "." not in token.word and ":" not in token.word:
        return False
    try:
        network_from_text(token.word)
    except ValueError:
        return False
    return True
