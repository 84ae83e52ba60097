"""``tidegauge filter``: is this filter right, what does it mean, and how could it go on?"""

from __future__ import annotations

import time
from pathlib import Path

import click
import msgspec

from tidegauge.cli.options import filter_argument, lake_option, output_options
from tidegauge.cli.output import write_rows
from tidegauge.query.canonical import canonical
from tidegauge.query.completion import DEFAULT_LIMIT, MAX_LIMIT, LiveValues, complete, no_values
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate
from tidegauge.query.sentence import sentence

_CHECKED = {"filter": "text", "warnings": "texts"}
_EXPLAINED = {**_CHECKED, "meaning": "text", "sql": "text", "parameters": "text"}
_COMPLETED = {"text": "text", "kind": "text", "meaning": "text", "start": "uint64", "end": "uint64"}


@click.group("filter")
def command() -> None:
    """Check, explain or complete a filter."""


@command.command("check")
@filter_argument
@output_options
def check(filter_words: tuple[str, ...], format_name: str | None, *, envelope: bool) -> None:
    """Print the one canonical way to write the filter; exit 3 and point at the place if it cannot be read."""
    found = parse(" ".join(filter_words))
    row = {"filter": canonical(found.term), "warnings": list(found.warnings)}
    write_rows([row], _CHECKED, format_name, envelope=envelope)


@command.command("explain")
@filter_argument
@output_options
def explain(filter_words: tuple[str, ...], format_name: str | None, *, envelope: bool) -> None:
    """Say in words what the filter picks, and print the SQL condition it becomes with its parameters."""
    found, parameters = parse(" ".join(filter_words)), Parameters()
    sql = predicate(found.term, parameters)
    row = {
        "filter": canonical(found.term),
        "warnings": list(found.warnings),
        "meaning": sentence(found.term),
        "sql": sql,
        "parameters": msgspec.json.encode(parameters.values).decode(),
    }
    write_rows([row], _EXPLAINED, format_name, envelope=envelope)


@command.command("complete")
@filter_argument
@click.option("--cursor", type=click.IntRange(min=0), help="Letters before the cursor.  [default: all]")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_LIMIT),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="Most candidates to print.",
)
@lake_option
@output_options
def complete_command(
    filter_words: tuple[str, ...],
    cursor: int | None,
    limit: int,
    lake: Path,
    format_name: str | None,
    *,
    envelope: bool,
) -> None:
    """Print what could be written at the cursor, with values that flows of the lake really have.

    Each row replaces the letters from ``start`` to ``end``. Without a lake only words are offered.
    """
    found = complete(" ".join(filter_words), cursor, _values_of(lake), limit=limit)
    place = {"start": found.start, "end": found.end}
    rows = [msgspec.to_builtins(candidate) | place for candidate in found.candidates]
    write_rows(rows, _COMPLETED, format_name, envelope=envelope)


def _values_of(path: Path) -> LiveValues:
    from tidegauge.analysis.live_values import live_values  # noqa: PLC0415 (a database, for this command only)
    from tidegauge.store.errors import LakeError  # noqa: PLC0415
    from tidegauge.store.lake import Lake  # noqa: PLC0415

    try:
        return live_values(Lake.open(path), time.time_ns())
    except LakeError:
        return no_values
