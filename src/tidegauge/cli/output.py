"""Printing an answer: rows to stdout in any format, talk to stderr."""

from __future__ import annotations

import sys
from typing import IO, Any

import click
import msgspec

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.clock_bound import clock_sentence
from tidegauge.analysis.completeness import sentence
from tidegauge.analysis.csv_text import csv_chunks
from tidegauge.cli.table import TableColumn, write_table

_LINES = 4096


def write_answer(
    answer: Answer, format_name: str | None = None, *, envelope: bool = False, columns: tuple[str, ...] = ()
) -> None:
    """Write an answer to stdout.

    Without a format: a table on a terminal, ndjson in a pipe. ``columns`` are the ones a table shows;
    every other format has them all. What the answer's reader should know goes to stderr, unless
    ``envelope`` carries it.
    """
    refuse_mixed(format_name, envelope=envelope)
    stream = sys.stdout.buffer
    if envelope:
        stream.write(msgspec.json.encode(answer) + b"\n")
        return
    chosen = format_name or ("table" if sys.stdout.isatty() else "ndjson")
    match chosen:
        case "table":
            _write_table(answer, columns)
        case "json":
            _write_json(answer, stream)
        case "ndjson":
            _write_ndjson(answer, stream)
        case "csv":
            stream.writelines(csv_chunks(answer))
        case _:
            _write_columnar(answer, chosen, stream)
    _talk(answer)


def refuse_mixed(format_name: str | None, *, envelope: bool) -> None:
    """Refuse an envelope in a format that has no place for it. Raises UsageError."""
    if envelope and format_name not in (None, "json"):
        raise click.UsageError(f"--envelope prints one JSON object; leave out --format {format_name}")


def write_rows(
    rows: list[dict[str, Any]], types: dict[str, str], format_name: str | None, *, envelope: bool
) -> None:
    """Write rows that come from no lake, in the same formats."""
    columns = [{"name": name, "type": type_, "unit": ""} for name, type_ in types.items()]
    write_answer(Answer(data=rows, columns=columns), format_name, envelope=envelope)


def _talk(answer: Answer) -> None:
    for warning in answer.warnings:
        click.echo(f"warning: {warning}", err=True)
    if answer.next:
        click.echo(f"more: --cursor {answer.next}", err=True)
    for line in (sentence(answer.completeness), clock_sentence(answer.clock)):
        if line:
            click.echo(line, err=True)


def _write_json(answer: Answer, stream: IO[bytes]) -> None:
    if not answer.data:
        stream.write(b"[]\n")
        return
    for number, row in enumerate(answer.data):
        stream.write((b"[\n" if number == 0 else b",\n") + msgspec.json.encode(row))
    stream.write(b"\n]\n")


def _write_ndjson(answer: Answer, stream: IO[bytes]) -> None:
    for start in range(0, len(answer.data), _LINES):
        stream.write(msgspec.json.Encoder().encode_lines(answer.data[start : start + _LINES]))


def _write_columnar(answer: Answer, format_name: str, stream: IO[bytes]) -> None:
    from tidegauge.store.engines.columnar import write_columnar  # noqa: PLC0415 (a database, for two formats)

    types = {column["name"]: column["type"] for column in answer.columns}
    write_columnar(answer.data, types, format_name, stream)


def _write_table(answer: Answer, columns: tuple[str, ...]) -> None:
    chosen = [column for column in answer.columns if not columns or column["name"] in columns]
    shown = [column for column in chosen if _is_worth_showing(answer, column)]
    write_table(
        [
            TableColumn(
                column["name"],
                [_text(row[column["name"]], column) for row in answer.data],
                is_left=column["type"] in _LEFT,
            )
            for column in shown
        ],
        sys.stdout,
    )


def _is_worth_showing(answer: Answer, column: dict[str, str]) -> bool:
    """Whether a column is more than a flag that no row raises."""
    name = column["name"]
    return not name.startswith("is_") or any(row[name] for row in answer.data)


_LEFT = frozenset({"text", "texts", "address", "network", "instant", "mac", "elements", "boolean"})
_NO_VALUE = "-"
_MILLISECONDS = len("2026-01-31T08:00:00.000")


def _text(value: Any, column: dict[str, str]) -> str:  # noqa: ANN401 (a cell is whatever JSON can hold)
    if value is None:
        return _NO_VALUE
    if column["type"] == "instant":
        return f"{value[:_MILLISECONDS]}Z"
    if column["unit"] == "nanoseconds":
        return f"{value / 1e9:.3f} s"
    if column["unit"] in ("bytes", "packets", "flows") and isinstance(value, int):
        return f"{value:,}".replace(",", " ")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
