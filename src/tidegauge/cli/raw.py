"""``tidegauge raw``: datagrams that were kept as they came."""

from __future__ import annotations

import time
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from tidegauge.app.element_watch import FILE_NAME, told_elements
from tidegauge.app.raw_decoding import Redecoding, decode_again
from tidegauge.cli.import_files import skipped_parts
from tidegauge.cli.options import elements_option, lake_option, output_options, range_options
from tidegauge.cli.output import write_rows
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import range_from_words
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import raw_files
from tidegauge.telemetry import log

_TYPES = {
    "listener": "text",
    "files": "uint64",
    "bytes": "uint64",
    "first": "instant",
    "last": "instant",
    "folder": "text",
}


@click.group("raw")
def command() -> None:
    """Look at the datagrams that collect --keep-raw kept as they came, and decode them again.

    They are in the folder raw of the lake: pcapng, compressed by zstd, with the exporter's address and port,
    the listener's, and the moment of arrival. So tshark -r, tidegauge decode and tidegauge import read them
    as well.

    \b
    tidegauge collect --listen udp://0.0.0.0:2055 --keep-raw 2d
    tidegauge raw list
    tidegauge raw decode --since 1h --into /tmp/again
    tidegauge replay --since 1h --to udp://192.0.2.7:2055
    """


@command.command("list")
@lake_option
@output_options
def list_command(lake: Path, format_name: str | None, *, envelope: bool) -> None:
    """Show of which listener, and of when, datagrams are kept.

    The last arrival is when the newest file was written, or at most a few seconds later.
    """
    files = raw_files(Lake.open(lake))
    rows = [_row([*found], listener) for listener, found in groupby(files, key=lambda file: file.listener)]
    write_rows(rows, _TYPES, format_name, envelope=envelope)


@command.command("decode")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder of the new lake. It must not be there yet.",
)
@elements_option
@range_options
@lake_option
def decode_command(
    into: Path,
    elements_path: Path | None,
    since: str | None,
    until: str | None,
    time_zone: str,
    lake: Path,
) -> None:
    """Decode datagrams of a time again, into a lake of their own: with new elements, or late templates.

    The flows of the old lake stay as they are, and none is counted twice, since the new ones are elsewhere.
    Data waits for its template as long as need be: so a template that came an hour late is soon enough, if
    it came within the range. Elements are named as elements.csv of the old lake says by now.

    \b
    tidegauge raw decode --since 2026-05-04T08:00 --until 2026-05-04T12:00 --into /tmp/again
    tidegauge top src_addr --lake /tmp/again
    """
    log.write_to()
    now = time.time_ns()
    try:
        wanted = range_from_words(since, until, time_zone, now)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    elements = told_elements(elements_path or lake / FILE_NAME)
    for listener, summary in decode_again(Redecoding(Lake.open(lake), wanted, elements), into, now):
        counters = summary.counters
        click.echo(
            f"{listener}: {counters['records']:,} flows and {counters['option_records']:,} option records"
            f" from {counters['datagrams']:,} datagrams",
            err=True,
        )
        if skipped := skipped_parts(counters):
            click.echo(f"skipped: {skipped}", err=True)


def _row(files: list[Any], listener: str) -> dict[str, Any]:
    return {
        "listener": listener,
        "files": len(files),
        "bytes": sum(file.bytes for file in files),
        "first": text_from_instant(files[0].begin),
        "last": text_from_instant(files[-1].end),
        "folder": str(files[0].path.parent),
    }
