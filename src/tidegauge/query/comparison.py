"""Reading operator and value of a condition, once it is clear which field they are for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidegauge.query.cursor import RESERVED, Offer
from tidegauge.query.error import FilterError
from tidegauge.query.lexer import Token
from tidegauge.query.syntax import Match, Operator, Span, Value
from tidegauge.query.value import EXAMPLES, OPERATORS, kind_of, network_with_mask, value_from_text

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.cursor import Cursor

_SIGNS: dict[str, tuple[Operator, bool]] = {
    "=": ("=", False), "==": ("=", False), "!=": ("=", True), "<>": ("=", True), "<<": ("=", False),
    "!<<": ("=", True), "<": ("<", False), "<=": ("<=", False), ">": (">", False), ">=": (">=", False),
    "~": ("~", False), "!~": ("~", True),
}  # fmt: skip
_WORDS: dict[str, tuple[Operator, bool]] = {
    "eq": ("=", False), "ne": ("=", True), "is": ("=", False), "lt": ("<", False), "le": ("<=", False),
    "gt": (">", False), "ge": (">=", False), "like": ("like", False), "ilike": ("like", False),
    "unlike": ("like", True), "iunlike": ("like", True), "contains": ("~", False), "has": ("has", False),
}  # fmt: skip
_CLOSING = {"[": "]", "(": ")"}
_ABBREVIATED = re.compile(r"\d{1,3}(\.\d{1,3}){0,2}")
_DOTTED = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_BARE_NUMBER = re.compile(r"\d+")


class ComparisonReader:
    """Reads comparisons off a cursor. ``bare_flags`` is the latest if it was flags without an operator."""

    def __init__(self, cursor: Cursor) -> None:
        """Comparisons are read off ``cursor``, together with whoever else reads it."""
        self._cursor = cursor
        self.bare_flags: Match | None = None

    def read(self, field: Field, names: tuple[str, ...], noun: Token) -> tuple[list[Match], bool]:
        """One match for each of ``names``, and whether they are negated together; ``noun`` named them."""
        start = self._cursor.position
        operator, takes_list, is_negated = self._operator(field)
        is_bare = self._cursor.position == start
        token = self._cursor.next
        values = self._values(field, operator, noun, takes_list=takes_list or (is_bare and operator == "="))
        if is_bare and operator == "has" and _BARE_NUMBER.fullmatch(token.text):
            operator = "="  # nfdump: letters are flags that must be set, a number is all of them
        matches = [Match(name, operator, values) for name in names]
        self.bare_flags = matches[0] if is_bare and operator == "has" else None
        return matches, is_negated

    # Operators

    def _operator(self, field: Field) -> tuple[Operator, bool, bool]:
        """Operator, whether a list may follow, and whether it is negated."""
        cursor, token = self._cursor, self._cursor.next
        allowed = OPERATORS[kind_of(field)]
        cursor.offer(Offer("word", (*allowed, *(("!=", "in", "not in") if "=" in allowed else ()))))
        if token.word in ("not", "is") and cursor.ahead().word in ("in", "like", "not"):
            cursor.take()
            operator, takes_list, is_negated = self._operator(field)
            return operator, takes_list, is_negated != (token.word == "not")
        if token.word == "not" and cursor.ahead(-1).word == "is":
            cursor.take()
            return "=", False, True
        if token.word in ("in", "notin"):
            cursor.take()
            self._allow("=", field, token)
            return "=", True, token.word == "notin"
        sign, is_negated = self._sign(token, allowed)
        if sign is None:
            return ("has" if kind_of(field) == "flags" else "="), False, False
        cursor.take()
        self._allow(sign, field, token)
        return sign, False, is_negated

    def _sign(self, token: Token, allowed: tuple[Operator, ...]) -> tuple[Operator | None, bool]:
        if token.kind == "operator":
            return _SIGNS.get(token.text, (None, False))
        if token.word == "any" and "any" in allowed:
            return "any", False
        return _WORDS.get(token.word, (None, False))

    def _allow(self, operator: Operator, field: Field, token: Token) -> None:
        allowed = OPERATORS[kind_of(field)]
        if operator not in allowed:
            reason = f"takes {' '.join(allowed)}" if allowed else "cannot be compared"
            raise FilterError(
                f"{field.name} {reason}, not {token}" if allowed else f"{field.name} {reason}",
                token.column,
                allowed,
            )

    # Values

    def _values(
        self, field: Field, operator: Operator, noun: Token, *, takes_list: bool
    ) -> tuple[Value, ...]:
        closing = _CLOSING.get(self._cursor.next.text) if self._cursor.next.kind == "mark" else None
        if not takes_list or closing is None:
            return (self._value(field, operator, noun),)
        self._cursor.take()
        values = [self._value(field, "=", noun, is_listed=True)]
        while not self._cursor.accept(closing):
            self._cursor.accept(",")  # nfdump separates by blanks
            values.append(self._value(field, "=", noun, is_listed=True))
        return tuple(dict.fromkeys(values))

    def _value(self, field: Field, operator: Operator, noun: Token, *, is_listed: bool = False) -> Value:
        token, kind = self._cursor.next, kind_of(field)
        self._allow(operator, field, token)
        self._cursor.offer(Offer("value", field=field))
        if token.kind not in ("word", "text") or token.word in RESERVED:
            raise self._cursor.unexpected(EXAMPLES[kind], (EXAMPLES[kind],))
        self._cursor.take()
        if token.kind == "text" and kind == "text":
            return value_from_text(field, token.text)
        try:
            value = self._read(field, token, noun, is_listed=is_listed)
        except ValueError as error:
            raise _refused(field, token, str(error)) from None
        if operator not in ("=", "has", "any") and (value is None or isinstance(value, Span)):
            raise FilterError(f"{token.text} cannot be compared by {operator}", token.column, ("=",))
        return value

    def _read(self, field: Field, token: Token, noun: Token, *, is_listed: bool) -> Value:
        kind, text = kind_of(field), token.text
        if token.word == "null":
            return None
        if kind == "address":
            if noun.word == "net" and _ABBREVIATED.fullmatch(text):
                text = f"{text}/{8 * (text.count('.') + 1)}"  # tcpdump: net 10.1 is 10.1.0.0/16
            if not is_listed and (mask := self._mask()):
                return network_with_mask(text, mask)
        if kind == "duration" and _BARE_NUMBER.fullmatch(text) and text != "0":
            self._cursor.warn(token.column, f"{text} is read as milliseconds, as nfdump does; write {text}ms")
            text = f"{text}ms"
        return value_from_text(field, text)

    def _mask(self) -> str:
        """The netmask of ``net 10.0.0.0 255.0.0.0``, which tcpdump writes with the word ``mask`` between."""
        is_named = self._cursor.next.word == "mask" and _DOTTED.fullmatch(self._cursor.ahead().word)
        if is_named:
            self._cursor.take()
        return self._cursor.take().text if _DOTTED.fullmatch(self._cursor.next.word) else ""


def _refused(field: Field, token: Token, reason: str) -> FilterError:
    example = EXAMPLES[kind_of(field)]
    if kind_of(field) == "address" and "netmask" not in reason:
        reason = f"{token.text!r} is no address or network"
        if any(letter.isalpha() for letter in token.text) and ":" not in token.text:
            reason += f'; names are compared by: site = "{token.text}"'
            return FilterError(reason, token.column, (example,))
    return FilterError(f"{reason}; expected {example}", token.column, (example,))
