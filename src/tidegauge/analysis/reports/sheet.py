"""A report as CSV: one table under another, each led by its title, as a spreadsheet opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.analysis.csv_text import csv_chunks

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.reports.answering import AnsweredReport

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(found: AnsweredReport) -> bytes:
    """The report as CSV in UTF-8, numbers unscaled.

    A host may be named so that a spreadsheet takes the name for a formula: such text gets an apostrophe.
    """
    return b"\r\n".join(
        b"".join([_quoted(part.section.title), b"\r\n", *csv_chunks(_harmless(part.answer))])
        for part in found.parts
    )


def _harmless(answer: Answer) -> Answer:
    rows = [{name: _text(value) for name, value in row.items()} for row in answer.data]
    return msgspec.structs.replace(answer, data=rows)


def _text(value: Any) -> Any:  # noqa: ANN401 (a cell is whatever JSON can hold)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _quoted(title: str) -> bytes:
    return ('"' + title.replace('"', '""') + '"').encode()
