"""``tidegauge filter``: is this filter right, and what does it mean?"""

from __future__ import annotations

import click
import msgspec

from tidegauge.cli.options import filter_argument, output_options
from tidegauge.cli.output import write_rows
from tidegauge.query.canonical import canonical
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate


@click.group("filter")
def command() -> None:
    """Check or explain a filter."""


@command.command("check")
@filter_argument
@output_options
def check(filter_words: tuple[str, ...], format_name: str | None, *, envelope: bool) -> None:
    """Print the one canonical way to write the filter; exit 3 and point at the place if it cannot be read."""
    found = parse(" ".join(filter_words))
    row = {"filter": canonical(found.term), "warnings": list(found.warnings)}
    write_rows([row], {"filter": "text", "warnings": "texts"}, format_name, envelope=envelope)


@command.command("explain")
@filter_argument
@output_options
def explain(filter_words: tuple[str, ...], format_name: str | None, *, envelope: bool) -> None:
    """Print the SQL condition the filter becomes, and its parameters."""
    found, parameters = parse(" ".join(filter_words)), Parameters()
    sql = predicate(found.term, parameters)
    values = msgspec.json.encode(parameters.values).decode()
    row = {
        "filter": canonical(found.term),
        "warnings": list(found.warnings),
        "sql": sql,
        "parameters": values,
    }
    types = {"filter": "text", "warnings": "texts", "sql": "text", "parameters": "text"}
    write_rows([row], types, format_name, envelope=envelope)
