"""``tidegauge fields``: the fields of a flow."""

from __future__ import annotations

import click

from tidegauge.cli.options import output_options
from tidegauge.cli.output import write_rows
from tidegauge.flow.fields import FIELDS

_COLUMNS = {
    "name": "text", "type": "text", "unit": "text", "derived": "boolean", "words": "texts", "meaning": "text",
    "elements": "texts",
}  # fmt: skip


@click.command("fields")
@output_options
def command(format_name: str | None, *, envelope: bool) -> None:
    """List the fields of a flow, the words a filter may use for them, and where they come from."""
    rows = [
        {
            "name": field.name,
            "type": field.type,
            "unit": field.unit,
            "derived": field.is_derived,
            "words": list(field.words),
            "meaning": field.meaning,
            "elements": list(field.elements),
        }
        for field in FIELDS
    ]
    write_rows(rows, _COLUMNS, format_name, envelope=envelope)
