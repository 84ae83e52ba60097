"""Rows of an answer: values as the database gives them become what JSON can say."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.error import QuestionError
from tidegauge.query.statement import order_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tidegauge.query.statement import Column

_V4_PREFIX = bytes(10) + b"\xff\xff"
_COUNT = "uint64"


def rows_from_tuples(columns: Sequence[Column], tuples: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Turn rows into dicts by column name.

    Column by column, because the conversion is then chosen once a column instead of once a value:
    that is what lets a list of 100,000 flows come back in about a second.
    """
    if not tuples:
        return []
    names = [column.name for column in columns]
    converted = [
        _converted(column, values) for column, values in zip(columns, zip(*tuples, strict=True), strict=True)
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*converted, strict=True)]


def described(columns: Iterable[Column]) -> list[dict[str, str]]:
    """Columns as an answer lists them."""
    return [{"name": column.name, "type": column.type, "unit": column.unit} for column in columns]


def arranged(
    rows: list[dict[str, Any]], columns: Sequence[Column], order: str, top: int | None
) -> list[dict[str, Any]]:
    """Sort a few rows by a column and keep the first ``top``, 0 or None for all.

    Counts come largest first and anything else ascending unless ``:asc`` or ``:desc`` says it. Rows without
    a value come last either way. Raises QuestionError when there is no such column.
    """
    if order:
        types = {column.name: column.type for column in columns}
        try:
            name, is_falling = order_of(order, {name for name, type_ in types.items() if type_ == _COUNT})
            types[name]
        except KeyError:
            raise QuestionError(f"cannot order by {order!r}; the answer has {', '.join(types)}") from None
        present = [row for row in rows if row[name] is not None]
        absent = [row for row in rows if row[name] is None]
        rows = sorted(present, key=lambda row: row[name], reverse=is_falling) + absent
    return rows[:top] if top else rows


def _converted(column: Column, values: tuple[Any, ...]) -> Sequence[Any]:
    if column.type == "network":
        lengths = column.lengths or (32, 128)
        return [value if value is None else _network_text(value, lengths) for value in values]
    convert = _CONVERSIONS.get(column.type)
    return values if convert is None else [value if value is None else convert(value) for value in values]


@lru_cache(maxsize=65536)
def _address_text(address: bytes) -> str:
    return text_from_address(address)


def _network_text(address: bytes, lengths: tuple[int, int]) -> str:
    length = lengths[0] if address[:12] == _V4_PREFIX else lengths[1]
    return f"{_address_text(address)}/{length}"


def _elements(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**element, "raw": element["raw"] and element["raw"].hex()} for element in elements]


def _mac_text(address: bytes) -> str:
    return address.hex(":")


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "address": _address_text,
    "instant": text_from_instant,
    "mac": _mac_text,
    "elements": _elements,
}
