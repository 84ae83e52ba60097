"""Rows of an answer as CSV (RFC 4180): one header line, text as in JSON, lists as JSON inside a cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from tidegauge.analysis.answer import Answer

_LINES = 4096


def csv_chunks(answer: Answer) -> Iterator[bytes]:
    """Yield the header, then some thousand rows at a time; an absent value is an empty cell."""
    names = [column["name"] for column in answer.columns]
    yield _text([names])
    for start in range(0, len(answer.data), _LINES):
        rows = answer.data[start : start + _LINES]
        yield _text([[_cell(row[name]) for name in names] for row in rows])


def _text(rows: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:  # noqa: ANN401 (a cell is whatever JSON can hold)
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value
