"""``tidegauge time status``: what this machine's own clock is worth."""

from __future__ import annotations

import click

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import described
from tidegauge.cli.options import output_options
from tidegauge.cli.output import write_answer
from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.own_clock import read_own_clock
from tidegauge.query.statement import Column

_STATUS = (
    Column("synchronised", "boolean"),
    Column("bound_seconds", "float64", "seconds"),
    Column("source", "text"),
)


@click.command("status")
@output_options
def status_command(format_name: str | None, *, envelope: bool) -> None:
    """Tell how far this machine's own clock may be off, and who says so."""
    clock = read_own_clock()
    row = {
        "synchronised": clock.is_synchronised,
        "bound_seconds": None if clock.bound is None else clock.bound / NANOSECONDS,
        "source": clock.source,
    }
    warning = "nobody keeps this clock right: its times compare with each other only; run an NTP client"
    warnings = [] if clock.is_synchronised else [warning]
    write_answer(
        Answer(data=[row], columns=described(_STATUS), warnings=warnings), format_name, envelope=envelope
    )
