"""How far a filter is read: its tokens one by one, and what could stand where it ends.

What could stand at the end is noted while reading, by the very code that would read it. That is all an
editor needs to complete a filter, so the grammar is written once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tidegauge.query.error import FilterError

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.lexer import Token

RESERVED = frozenset({"and", "or", "not"})
"""Words that join conditions; as text they must be quoted."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of thing that could stand at the end of a filter.

    ``word`` is one of ``words``; ``value`` a value of ``field``; ``condition`` the start of any condition, or
    one of ``words`` that may stand before it.
    """

    kind: Literal["word", "condition", "value"]
    words: tuple[str, ...] = ()
    field: Field | None = None


@dataclass(slots=True)
class Cursor:
    """The tokens of one filter and a place among them."""

    tokens: list[Token]
    position: int = 0
    warnings: list[str] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    @property
    def next(self) -> Token:
        """The token not yet read; the last one is always ``end``."""
        return self.tokens[self.position]

    @property
    def is_done(self) -> bool:
        """Whether everything is read."""
        return self.next.kind == "end"

    def ahead(self, count: int = 1) -> Token:
        """The token ``count`` places after the next one; -1 is the one read last."""
        return self.tokens[min(self.position + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Read one token."""
        token = self.next
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def accept(self, *words: str) -> bool:
        """Read the next token if it is one of these words or marks."""
        self.offer(Offer("word", words))
        token = self.next
        is_found = token.kind != "text" and token.text.lower() in words
        if is_found:
            self.take()
        return is_found

    def offer(self, *offers: Offer) -> None:
        """Note what could stand here, where here is the end."""
        if self.is_done:
            self.offers.extend(offers)

    def warn(self, column: int, message: str) -> None:
        """Note what the writer of the filter should know about its reading."""
        self.warnings.append(f"column {column}: {message}")

    def unexpected(self, wanted: str, expected: tuple[str, ...], suggestion: str = "") -> FilterError:
        """The error that something else stands here than ``wanted``."""
        return FilterError(f"expected {wanted}, found {self.next}", self.next.column, expected, suggestion)
