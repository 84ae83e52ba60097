"""``tidegauge import``: bring captures of flow exports into the lake."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegauge.app.element_watch import FILE_NAME, told_elements
from tidegauge.app.file_import import ImportOrder, ImportSummary, import_files
from tidegauge.cli.options import elements_option, exporter_option, lake_option
from tidegauge.flow.counters import MALFORMED
from tidegauge.store.lake import Lake
from tidegauge.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Mapping


class UnrecognisedError(click.ClickException):
    """The files hold no flow exports."""

    exit_code = 4


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--one-session",
    is_flag=True,
    help="Take the files as one stream, in the order given: templates carry over from one to the next.",
)
@exporter_option
@click.option(
    "--at",
    type=click.Choice(["original", "now"]),
    default="original",
    show_default=True,
    help="Keep the times of arrival, or move them so that the last is now.",
)
@elements_option
@lake_option
def command(
    files: tuple[Path, ...],
    exporter: str,
    at: str,
    elements_path: Path | None,
    lake: Path,
    *,
    one_session: bool,
) -> None:
    """Import FILEs: pcap or pcapng holding exports, raw export datagrams, IPFIX files.

    All files come in, or none does: one that cannot be read leaves the lake as it was.
    Parts that are malformed are skipped, counted, and named on stderr.
    """
    log.write_to()
    for path in files:
        path.open("rb").close()  # before a lake is made for files that are not there
    elements = told_elements(elements_path or lake / FILE_NAME)
    order = ImportOrder(files, exporter, is_one_session=one_session, ends_now=at == "now", elements=elements)
    summary = import_files(Lake.create(lake), order, time.time_ns())
    _report(summary)


def _report(summary: ImportSummary) -> None:
    strangers = [path for path, count in summary.datagrams.items() if not count]
    if len(strangers) == len(summary.datagrams):
        raise UnrecognisedError(f"no flow exports found in {', '.join(map(str, strangers))}")
    for path in strangers:
        click.echo(f"{path}: no flow exports found", err=True)
    counters = summary.counters
    click.echo(
        f"imported {counters['records']} flows and {counters['option_records']} option records"
        f" from {counters['datagrams']} datagrams",
        err=True,
    )
    if skipped := skipped_parts(counters):
        click.echo(f"skipped: {skipped}", err=True)


def skipped_parts(counters: Mapping[str, int]) -> str:
    """Say in one line what was not decoded; empty when everything was.

    >>> skipped_parts({"malformed_limit": 2, "lost_no_template": 1})
    '2 limit, 1 sets without template'
    """
    parts = [
        f"{counters[f'malformed_{reason}']} {reason}"
        for reason in MALFORMED
        if counters.get(f"malformed_{reason}")
    ]
    if without := counters.get("lost_no_template"):
        parts.append(f"{without} sets without template")
    return ", ".join(parts)
