"""The words of a filter, with the column each starts at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tidegauge.query.error import FilterError

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["word", "text", "operator", "mark", "end"]

MAX_LENGTH = 10_000
"""Letters a filter may have. Longer ones come from programs and belong into a table."""

_TOKEN = re.compile(
    r"""
      (?P<blank>   \s+ | \#[^\n]* | --[^\n]* | /\*.*?\*/ )
    | (?P<text>    "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
    | (?P<operator> !<< | << | <= | >= | == | != | <> | !~ | && | \|\| | [=<>~!&|] )
    | (?P<mark>    [()\[\],] )
    | (?P<word>    [^\s()\[\],=<>~!&|"'\#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS: dict[str, Kind] = {"operator": "operator", "mark": "mark", "word": "word"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, quoted text, operator or bracket. ``text`` of a quoted text is without its quotes."""

    kind: Kind
    text: str
    column: int

    @property
    def word(self) -> str:
        """The word in lower case; empty for anything that is no word, so it equals no keyword."""
        return self.text.lower() if self.kind == "word" else ""

    def __str__(self) -> str:
        """How an error message names the token."""
        return "the end" if self.kind == "end" else repr(self.text)


def tokens(text: str) -> list[Token]:
    """Cut a filter into tokens, comments dropped, an ``end`` token last.

    >>> [token.text for token in tokens("bytes>1M  # big ones")]
    ['bytes', '>', '1M', '']
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(f"the filter has {len(text)} letters, more than {MAX_LENGTH}", MAX_LENGTH + 1)
    return [*_tokens(text), Token("end", "", len(text) + 1)]


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text[position], position + 1)
        found = match.group()
        if match.lastgroup == "text":
            yield Token("text", _ESCAPE.sub(r"\1", found[1:-1]), position + 1)
        elif match.lastgroup != "blank":
            yield Token(_KINDS[match.lastgroup or ""], found, position + 1)
        position = match.end()


def _unreadable(letter: str, column: int) -> FilterError:
    if letter in "\"'":
        return FilterError(f"the quote {letter} is never closed", column)
    return FilterError(f"{letter!r} means nothing here", column)
