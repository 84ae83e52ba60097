"""``tidegauge decode``: show what capture files hold, element by element."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from tidegauge.app.element_watch import FILE_NAME, told_elements
from tidegauge.app.verbatim import verbatim_records
from tidegauge.cli.import_files import UnrecognisedError, skipped_parts
from tidegauge.cli.options import elements_option
from tidegauge.receiving.capture import CaptureReader
from tidegauge.store.place import default_lake

# Records are merged by arrival within this many datagrams, and printed as soon as they are.
SLICE_DATAGRAMS = 1024


@click.command("decode")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["ndjson", "json"]),
    default="ndjson",
    show_default=True,
    help="One object a line, or one list.",
)
@elements_option
def command(files: tuple[Path, ...], format_name: str, elements_path: Path | None) -> None:
    """Decode FILEs and print every record with all its elements, known or not, in wire order.

    Each FILE is a session of its own. Nothing is stored.
    """
    elements = told_elements(elements_path or default_lake() / FILE_NAME)
    reader = CaptureReader(files, verbatim=True, elements=elements, slice_datagrams=SLICE_DATAGRAMS)
    stream = sys.stdout.buffer
    before, between, after = (b"[\n", b",\n", b"\n]\n") if format_name == "json" else (b"", b"\n", b"\n")
    separator = before
    for record in verbatim_records(reader):
        stream.write(separator + msgspec.json.encode(record))
        separator = between
    if separator is not before:
        stream.write(after)
    elif format_name == "json":
        stream.write(b"[]\n")
    stream.flush()
    _report(reader)


def _report(reader: CaptureReader) -> None:
    if not any(reader.datagrams.values()):
        raise UnrecognisedError(f"no flow exports found in {', '.join(map(str, reader.datagrams))}")
    if skipped := skipped_parts(reader.counters):
        click.echo(f"skipped: {skipped}", err=True)
