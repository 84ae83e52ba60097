"""Reading one condition: which field, how it is compared, and with what.

The words come from nfdump (``src net 10/8``, ``in src mac``, ``next ip``), from tcpdump (``tcp src port 80``,
``tcp[tcpflags] & tcp-syn != 0``) and from forms like ``SrcPort >= 1024``; all end as the same few terms.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import network_from_text
from tidegauge.query.canonical import canonical
from tidegauge.query.comparison import ComparisonReader
from tidegauge.query.cursor import RESERVED, Offer
from tidegauge.query.error import FilterError
from tidegauge.query.header_bytes import names_header_bytes, read_header_bytes
from tidegauge.query.named_numbers import PROTOCOLS
from tidegauge.query.syntax import And, Anything, Match, Not, Term, conjunction, disjunction
from tidegauge.query.value import kind_of, value_from_text
from tidegauge.query.vocabulary import (
    ADDRESS,
    FAMILIES,
    FILLERS,
    PHRASES,
    SIDED,
    UNANSWERABLE,
    Pair,
    field_or_pair,
    nearest,
    sided,
)

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.cursor import Cursor
    from tidegauge.query.lexer import Token

_SIDES = ("src", "dst", "in", "out")
_START = ("a field", "src", "dst", "a protocol", "an address", "not", "(")
_ANY_V4 = network_from_text("0.0.0.0/0")
_SINGLE = {"&": "and", "|": "or"}
_V4 = 4
_LONGEST_PHRASE = max(len(words) for words in PHRASES)


class ConditionReader:
    """Reads conditions off a cursor, one at a time, and remembers the latest for its hints."""

    def __init__(self, cursor: Cursor) -> None:
        """Conditions are read off ``cursor``, together with whoever else reads it."""
        self._cursor = cursor
        self._comparisons = ComparisonReader(cursor)
        self._latest: tuple[Field, Match] | None = None

    def read(self) -> Term:
        """Read one condition. Raises FilterError."""
        self._cursor.offer(Offer("condition"))
        token = self._cursor.next
        word = token.word
        if names_header_bytes(self._cursor):
            return read_header_bytes(self._cursor)
        if word in ("any", "all"):
            self._cursor.take()
            return Anything()
        if phrase := self._phrase():
            return self._named(phrase, token)
        if word in _SIDES:
            return self._sided()
        if word in PROTOCOLS or word in FAMILIES:
            return self._protocol()
        if word in UNANSWERABLE:
            raise FilterError(f"{token} has no answer here: {UNANSWERABLE[word]}", token.column)
        entry = field_or_pair(word) if word else None
        if entry is None:
            return self._literal()
        self._cursor.take()
        return self._named(entry, token)

    def is_bare_flags(self, match: Match) -> bool:
        """Whether it is the latest condition and was written as ``flags SA``, without an operator."""
        return self._comparisons.bare_flags is match

    def left_over(self) -> FilterError:
        """The error for words that follow a whole filter, with a guess at what was meant."""
        suggestion = ""
        token = self._cursor.next
        if token.text in _SINGLE and token.kind == "operator":
            return FilterError(
                f"a single {token} means nothing", token.column, suggestion=_SINGLE[token.text]
            )
        if self._latest and token.kind in ("word", "mark"):
            field, match = self._latest
            value = match.values[0]
            if isinstance(value, str) and token.kind == "word":
                suggestion = f'{match.field} {match.operator} "{value} {token.text}"'
            elif token.text == ",":
                suggestion = self._list_hint(field, match, self._cursor.ahead().text)
        return self._cursor.unexpected("and, or, or the end", ("and", "or"), suggestion)

    # What is compared

    def _phrase(self) -> Field | Pair | None:
        """The field that several words name together, the longest first."""
        ahead = (self._cursor.ahead(count).word for count in range(_LONGEST_PHRASE))
        words = tuple(takewhile(bool, ahead))
        for length in range(len(words), 1, -1):
            if words[:length] in PHRASES:
                self._cursor.position += length
                return field_or_pair(PHRASES[words[:length]])
        following = {phrase[len(words)] for phrase in PHRASES if phrase[: len(words)] == words}
        if words and following and self._cursor.ahead(len(words)).kind == "end":
            self._cursor.offers.append(Offer("word", tuple(sorted(following))))
        return None

    def _named(self, entry: Field | Pair, noun: Token) -> Term:
        field = entry.left if isinstance(entry, Pair) else entry
        while kind_of(field) == "address" and self._cursor.next.word in FILLERS:
            noun = self._cursor.take()
        return self._condition(field, (entry.name,), noun)

    def _protocol(self) -> Term:
        word = self._cursor.take().word
        term: Term
        if word in PROTOCOLS:
            term = Match("protocol", "=", (PROTOCOLS[word],))
        elif FAMILIES[word] == _V4:
            term = Match("src_addr", "=", (_ANY_V4,))
        else:
            present, v4 = Match("src_addr", "=", (None,)), Match("src_addr", "=", (_ANY_V4,))
            term = And((Not(present), Not(v4)))
        self._cursor.offer(Offer("condition"))
        if self._cursor.next.kind == "word" and self._cursor.next.word not in RESERVED:
            return conjunction([term, self.read()])
        return term

    def _sided(self) -> Term:
        first = self._cursor.take()
        joiner = self._joined_sides(first.word)
        noun = self._cursor.next
        pair = self._noun(first)
        if (pair.name == "interface") != (first.word in ("in", "out")):
            raise self._wrong_side(pair, first)
        while kind_of(pair.left) == "address" and self._cursor.next.word in FILLERS:
            noun = self._cursor.take()
        left, right = pair.left.name, pair.right.name
        if not joiner:
            return self._condition(pair.left, (left if first.word in ("src", "in") else right,), noun)
        if joiner == "and":
            return self._condition(pair.left, (left, right), noun)
        if pair.has_own_name:
            return self._condition(pair.left, (pair.name,), noun)
        return self._condition(pair.left, (left, right), noun, is_either=True)

    def _joined_sides(self, first: str) -> str:
        """Read ``and dst`` or ``or dst`` after ``src``, or the reverse; gives ``and``, ``or`` or ""."""
        other = {"src": "dst", "dst": "src"}.get(first)
        if other is None or not self._cursor.accept("and", "or"):
            return ""
        joiner = self._cursor.ahead(-1).word
        if not self._cursor.accept(other):
            raise self._cursor.unexpected(f"{other} after {first} {joiner}", (other,))
        return joiner

    def _noun(self, side: Token) -> Pair:
        token = self._cursor.next
        pair = sided(token.word) if token.kind == "word" else None
        if pair is not None:
            self._cursor.take()
            return pair
        nouns = ("if", "bytes", "packets") if side.word in ("in", "out") else SIDED
        self._cursor.offer(Offer("word", nouns))
        if side.word in ("src", "dst"):
            self._cursor.offer(Offer("value", field=ADDRESS.left))
            if token.kind == "operator" or token.word in ("in", "not") or is_address(token):
                return ADDRESS
        wanted = f"{', '.join(nouns)} or an address after {side.word}"
        raise self._cursor.unexpected(wanted, nouns, nearest(token.word, nouns))

    def _wrong_side(self, pair: Pair, side: Token) -> FilterError:
        expected = ("src", "dst") if side.word in ("in", "out") else ("in", "out")
        suggestion = expected[_SIDES.index(side.word) % 2]
        return FilterError(f"{pair.name} has no {side.word!r} side", side.column, expected, suggestion)

    # Conditions

    def _condition(
        self, field: Field, names: tuple[str, ...], noun: Token, *, is_either: bool = False
    ) -> Term:
        """Read operator and value; ``names`` are what is compared, all of them to hold, or either."""
        matches, is_negated = self._comparisons.read(field, names, noun)
        self._latest = (field, matches[0])
        term = disjunction([*matches]) if is_either else conjunction([*matches])
        return Not(term) if is_negated else term

    def _literal(self) -> Term:
        token = self._cursor.next
        if token.kind == "word" and is_address(token):
            self._warn_of_inherited_side(token)
            return self._condition(ADDRESS.left, (ADDRESS.name,), token)
        if token.kind in ("word", "text") and (hint := self._elision(token)):
            raise FilterError(f"{token} has no field", token.column, _START, hint)
        raise self._cursor.unexpected("a condition", _START, nearest(token.word))

    def _warn_of_inherited_side(self, token: Token) -> None:
        if self._latest and self._latest[1].field in (ADDRESS.left.name, ADDRESS.right.name):
            name = self._latest[1].field
            self._cursor.warn(
                token.column,
                f"{token.text} is either side here, tcpdump would take {name}; write: {name} {token.text}",
            )

    def _elision(self, token: Token) -> str:
        """What ``port 80 or 443`` was meant to say, where the word is a value of the latest field."""
        if self._latest is None:
            return ""
        field, match = self._latest
        is_likely = token.word[:1].isdecimal() or (kind_of(field) == "text" and not nearest(token.word))
        try:
            value_from_text(field, token.text)
        except ValueError:
            return self._list_hint(field, match, token.text) if token.word[:1].isdecimal() else ""
        is_likely = is_likely or kind_of(field) not in ("text", "flags")
        return self._list_hint(field, match, token.text) if is_likely else ""

    def _list_hint(self, field: Field, match: Match, text: str) -> str:
        value = canonical(match).removeprefix(f"{match.field} ").partition(" ")[2].strip("[]")
        added = f'"{text}"' if kind_of(field) == "text" else text
        return f"{match.field} in [{value}, {added}]"


def is_address(token: Token) -> bool:
    """Whether a word is an address or a network that cannot be mistaken for anything else."""
    if "." not in token.word and ":" not in token.word:
        return False
    try:
        network_from_text(token.word)
    except ValueError:
        return False
    return True
