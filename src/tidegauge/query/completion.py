"""Completing a filter while it is typed: what the grammar allows here, and what flows really hold.

The parser itself says what may come next; fields and words follow from that. Values are looked up by a
function that is handed in, because only flows know them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from tidegauge.flow.field import Field
from tidegauge.query.cursor import RESERVED, Offer
from tidegauge.query.error import FilterError
from tidegauge.query.lexer import tokens
from tidegauge.query.named_numbers import NAMED_NUMBERS, PROTOCOLS
from tidegauge.query.parser import offers
from tidegauge.query.value import EXAMPLES, OPERATORS, kind_of, text_from_value
from tidegauge.query.vocabulary import FAMILIES, FLAG_LETTERS, Pair, entries

DEFAULT_LIMIT = 20
MAX_LIMIT = 200

LiveValues = Callable[[Field, str, int], Iterable[str]]
"""Values of a field that contain a text, the most frequent first, at most so many."""

_ORDER = ("value", "word", "condition")
_FIRST = (
    "addr",
    "port",
    "src",
    "dst",
    "tcp",
    "udp",
    "user",
    "site",
    "service",
    "category",
    "bytes",
    "not",
    "(",
)
"""What most filters begin with, offered before the rest."""

_TYPED = re.compile(r"""[^\s()\[\],=<>~!&|"']*\Z""")
_PLAIN_TEXT = re.compile(r"[A-Za-z][\w.@/-]*")


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """What could be written. ``meaning`` is empty where the text speaks for itself."""

    text: str
    kind: Literal["field", "word", "value"]
    meaning: str = ""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates for the letters from ``start`` to ``end`` (from 0), the likeliest first.

    ``expected`` says in words what may stand there where it cannot be listed, such as a number.
    """

    start: int
    end: int
    candidates: tuple[Candidate, ...]
    expected: tuple[str, ...] = ()


def no_values(_field: Field, _typed: str, _limit: int) -> Iterable[str]:
    """No flows to look at."""
    return ()


def complete(
    text: str,
    cursor: int | None = None,
    values: LiveValues = no_values,
    macros: Mapping[str, str] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Completion:
    """What could stand at ``cursor`` (letters before it; the end by default).

    >>> [candidate.text for candidate in complete("dst po").candidates]
    ['port']
    """
    before = text if cursor is None else text[: max(cursor, 0)]
    start = _start_of_typed(before)
    typed = before[start:].lstrip("\"'")
    possible = sorted(offers(before[:start], macros), key=lambda offer: _ORDER.index(offer.kind))
    most = min(max(limit, 1), MAX_LIMIT)
    found: dict[str, Candidate] = {}
    for offer in possible:
        for candidate in _candidates(offer, typed, values, macros or {}, most):
            if typed.lower() in candidate.text.lower():
                found.setdefault(candidate.text, candidate)
    fitting = sorted(found.values(), key=lambda candidate: not _begins_with(candidate, typed))
    expected = dict.fromkeys(EXAMPLES[kind_of(offer.field)] for offer in possible if offer.field)
    return Completion(
        start=start, end=len(before), candidates=tuple(fitting[:most]), expected=tuple(expected)
    )


def _start_of_typed(before: str) -> int:
    """Where the word being typed starts, or the quote of a text that is still open."""
    try:
        tokens(before)
    except FilterError as error:
        if before[error.column - 1 : error.column] in ('"', "'"):
            return error.column - 1
    typed = _TYPED.search(before)
    return typed.start() if typed else len(before)


def _candidates(
    offer: Offer, typed: str, values: LiveValues, macros: Mapping[str, str], limit: int
) -> Iterable[Candidate]:
    if offer.kind == "word":
        yield from (Candidate(text=word, kind="word") for word in offer.words)
    elif offer.kind == "condition":
        starts = [*_starts(macros), *(Candidate(text=word, kind="word") for word in offer.words)]
        yield from sorted(starts, key=lambda start: start.text not in _FIRST)
    elif offer.field is not None:
        yield from _values(offer.field, typed, values, limit)


def _starts(macros: Mapping[str, str]) -> Iterable[Candidate]:
    for entry in entries():
        if isinstance(entry, Pair):
            meaning = f"Either of {entry.left.name} and {entry.right.name}."
            yield Candidate(text=entry.name, kind="field", meaning=meaning)
        elif OPERATORS[kind_of(entry)]:
            yield Candidate(text=entry.name, kind="field", meaning=entry.meaning)
    words = ("src", "dst", "in", "out", *PROTOCOLS, *FAMILIES)
    yield from (Candidate(text=word, kind="word") for word in words)
    yield from (Candidate(text=f"@{name}", kind="word", meaning=text) for name, text in macros.items())


def _values(field: Field, typed: str, values: LiveValues, limit: int) -> Iterable[Candidate]:
    for value in values(field, typed, limit):
        yield Candidate(text=_written(field, value), kind="value")
    for name, number in NAMED_NUMBERS.get(field.name, {}).items():
        yield Candidate(text=name, kind="value", meaning=str(number))
    if kind_of(field) == "flags":
        yield from (Candidate(text=letter, kind="value") for letter in FLAG_LETTERS)


def _written(field: Field, value: str) -> str:
    if kind_of(field) != "text":
        return value
    is_plain = _PLAIN_TEXT.fullmatch(value) and value.lower() not in RESERVED | {"null", "in", "is"}
    return value if is_plain else text_from_value(field, value)


def _begins_with(candidate: Candidate, typed: str) -> bool:
    return candidate.text.lower().lstrip('"').startswith(typed.lower())
