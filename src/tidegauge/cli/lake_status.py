"""``tidegauge lake status``: what is there, who writes, what goes next."""

from __future__ import annotations

import time
from pathlib import Path

import click

from tidegauge.analysis.lake_status import lake_status
from tidegauge.cli.options import lake_option, output_options
from tidegauge.cli.output import write_answer
from tidegauge.store.lake import Lake


@click.command("status")
@lake_option
@output_options
def status_command(lake: Path, format_name: str | None, *, envelope: bool) -> None:
    """Show what the lake holds: files, rows and bytes of each table and level, first and last arrival.

    A tail is what a writer received in the last minute; its level names the writer, and the note says whether
    it is alive or was killed. Replaced files wait until no question can need them. Removed is what retention
    took so far. The last row is the lake as a whole: its format and generation, free space, what retention
    keeps, and what goes next; --envelope has the same as numbers under totals.
    """
    answer = lake_status(Lake.open(lake), time.time_ns())
    write_answer(answer, format_name, envelope=envelope)
