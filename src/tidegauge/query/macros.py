"""Macros: filters with a name, such as ``@office``, written out where they are used.

A macro is a whole filter, so it means the same wherever it stands. It may use others, but not itself,
and its use costs no more than what it says written out: each is read once.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from tidegauge.query.error import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tidegauge.query.syntax import Filter

MAX_NESTED = 16
"""How many macros may stand inside each other."""


class Macros:
    """The macros of one filter while it is read."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """``texts`` are filters by name, without the ``@``."""
        self._texts = texts
        self._read: dict[str, Filter] = {}
        self._open: list[str] = []

    def expand(self, name: str, column: int, parse: Callable[[str, Macros], Filter]) -> Filter:
        """What the macro used at ``column`` says. Raises FilterError at that column."""
        if name not in self._read:
            self._read[name] = self._parsed(name, column, parse)
        return self._read[name]

    def _parsed(self, name: str, column: int, parse: Callable[[str, Macros], Filter]) -> Filter:
        text = self._text(name, column)
        if name in self._open:
            circle = " → ".join(f"@{each}" for each in (*self._open[self._open.index(name) :], name))
            raise FilterError(f"@{name} is made of itself: {circle}", column)
        if len(self._open) == MAX_NESTED:
            raise FilterError(f"more than {MAX_NESTED} macros stand inside each other", column)
        self._open.append(name)
        try:
            return parse(text, self)
        except FilterError as error:
            raise FilterError(f"in @{name}: {error}", column, error.expected) from error
        finally:
            self._open.pop()

    def _text(self, name: str, column: int) -> str:
        if name in self._texts:
            return self._texts[name]
        known = tuple(f"@{each}" for each in self._texts)
        close = difflib.get_close_matches(f"@{name}", known, n=1)
        reason = f"there is no macro @{name}" if known else f"no macros are defined, so @{name} means nothing"
        raise FilterError(reason, column, known, close[0] if close else "")


NO_MACROS = Macros({})
"""For filters of which none is expected to use a macro; it keeps nothing."""
