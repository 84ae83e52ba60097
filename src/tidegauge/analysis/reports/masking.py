"""Masking: a report that may leave the office without the names of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer

_MASKED = {
    "user": "person", "src_user": "person", "dst_user": "person", "actor_name": "person",
    "machine": "machine", "src_machine": "machine", "dst_machine": "machine",
    "src_mac": "card", "dst_mac": "card",
}  # fmt: skip
_TELLING = frozenset({"sentence", "note", "text"})


class Masks:
    """Numbers given out for names: the same name has the same number wherever it stands."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    def masked(self, answer: Answer) -> Answer:
        """The answer without names; sentences, which may hold any, are left out."""
        return msgspec.structs.replace(answer, data=[self._row(row) for row in answer.data])

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(name, value) for name, value in row.items()}

    def _value(self, column: str, value: Any) -> Any:  # noqa: ANN401 (a cell is whatever JSON can hold)
        if column in _TELLING:
            return None
        kind = _MASKED.get(column)
        if kind is None or value is None:
            return value
        key = (kind, str(value))
        number = 1 + sum(given == kind for given, _ in self._given)
        return self._given.setdefault(key, f"{kind} {number}")
