"""``tidegauge lake export``: a part of the lake as files."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import click

from tidegauge.analysis.completeness import sentence
from tidegauge.analysis.export import TABLE_NAMES, ExportOrder, export
from tidegauge.cli.options import (
    direction_option,
    duplicates_option,
    filter_argument,
    lake_option,
    range_options,
)
from tidegauge.query.question import Query
from tidegauge.store.byte_text import text_from_bytes
from tidegauge.store.durable import PARTIAL
from tidegauge.store.engines.export_file import FORMATS
from tidegauge.store.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRESS_SECONDS = 5.0


@click.command("export")
@filter_argument
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    metavar="PATH",
    help="The file to write; with --by the folder. It must not be there yet.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(tuple(FORMATS)),
    default=None,
    help="Kind of file.  [default: by the end of PATH, else parquet]",
)
@click.option(
    "--by",
    type=click.Choice(["day", "hour"]),
    default=None,
    help="Write a folder for each day, or hour, in which rows arrived (UTC): day=2026-01-31/hour=08.",
)
@click.option(
    "--table",
    type=click.Choice(TABLE_NAMES),
    default="flows",
    show_default=True,
    help="What to export; counters are those of interfaces.",
)
@click.option(
    "--as-stored",
    is_flag=True,
    help="Flows as they stand in the lake: reported times, and no field that is worked out.",
)
@range_options
@direction_option
@duplicates_option
@lake_option
def export_command(  # noqa: PLR0917 (click calls by name)
    filter_words: tuple[str, ...],
    path: Path,
    format_name: str | None,
    by: str | None,
    table: str,
    since: str | None,
    until: str | None,
    time_zone: str,
    direction: str | None,
    duplicates: str | None,
    lake: Path,
    *,
    as_stored: bool,
) -> None:
    """Write flows of a range and filter into a file, or folders by day or hour, for other programs.

    They are what tidegauge flows lists, with times put right and every field: addresses as text, times as
    times (text in CSV and NDJSON). With --as-stored they are as the lake has them: addresses are UUIDs in
    Parquet and Arrow. Rows come in no order, and their number is not bound by memory. A file appears under
    its name when it is complete.

    \b
    tidegauge lake export --since today --to today.parquet
    tidegauge lake export --since 7d --by day --to week src net 10.0.0.0/8
    """
    chosen = format_name or {f".{end}": name for name, end in FORMATS.items()}.get(path.suffix, "parquet")
    _refuse(path, chosen, by)
    opened, now = Lake.open(lake), time.time_ns()
    query = Query(
        filter=" ".join(filter_words),
        since=since,
        until=until,
        time_zone=time_zone,
        direction=direction or "",
        duplicates=duplicates or ("all" if as_stored else ""),
    )
    order = ExportOrder(path, chosen, table, by or "", as_stored)
    began = time.monotonic()
    with _progress(path):
        answer = opened.around_damage(lambda: export(opened, query, order, now))
    files = [each for each in path.rglob("*") if each.is_file()] if by else [path]
    size = sum(each.stat().st_size for each in files)
    took = time.monotonic() - began
    click.echo(f"{path}: {len(files)} files, {text_from_bytes(size)} in {took:.1f} s", err=True)
    for line in (*(f"warning: {warning}" for warning in answer.warnings), sentence(answer.completeness)):
        if line:
            click.echo(line, err=True)


def _refuse(path: Path, format_name: str, by: str | None) -> None:
    if path.exists():
        raise click.UsageError(f"{path} is there already; name another, or remove it first")
    if not path.absolute().parent.is_dir():
        raise click.UsageError(f"there is no folder {path.absolute().parent} to write {path.name} in")
    if by and format_name == "arrow":
        raise click.UsageError("a folder holds parquet, csv or ndjson; leave out --by for one Arrow stream")


@contextmanager
def _progress(path: Path) -> Iterator[None]:
    """Say every few seconds how much is written."""
    done = Event()
    partial = path.with_name(f".{path.name}{PARTIAL}")

    def tell() -> None:
        while not done.wait(_PROGRESS_SECONDS):
            written = [partial, *partial.rglob("*")]
            size = sum(each.stat().st_size for each in written if each.is_file())
            click.echo(f"{text_from_bytes(size)} written", err=True)

    thread = Thread(target=tell, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
