"""``tidegauge lake ready``: what the first look at a lake would wait for, worked out now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tidegauge.cli.options import lake_option
from tidegauge.clock.instant_text import zone_from_name
from tidegauge.web.local_zone import local_zone

if TYPE_CHECKING:
    from pathlib import Path


@click.command("ready")
@click.option(
    "--most-cpu",
    "most_cpu_seconds",
    type=click.FloatRange(min=0),
    default=36.0,
    show_default=True,
    metavar="S",
    help="Ask nothing more after so many seconds of processor time.",
)
@click.option(
    "--time-zone",
    metavar="ZONE",
    help="That of those who will look, by its IANA name.  [default: this machine's]",
)
@lake_option
def ready_command(lake: Path, most_cpu_seconds: float, time_zone: str | None) -> None:
    """Have a lake ready for whoever opens a page of it first.

    Works out by how much flows of wrong clocks are put right, for hours that are over, and answers what
    pages ask when they open, also those of the fifty people who moved most. A server that starts within
    twelve hours shows these answers at once, with the time they are of, until it has newer ones. A collector
    without a page of its own does this once an hour, with the least priority; a server does it by itself.
    Where a day has more flows than a question looks through in that time, no page is prepared for.

    \b
    tidegauge lake ready
    tidegauge lake ready --time-zone Europe/Berlin
    """
    from tidegauge.web.readiness import make_ready  # noqa: PLC0415 (a third of a second)

    zone = time_zone or local_zone()
    try:
        zone_from_name(zone)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--time-zone") from None
    found = make_ready(lake, time.time_ns(), zone, most_cpu_seconds)
    if found.too_many:
        click.echo(
            f"no answers were made ready: each would look through {found.too_many:,} flows, for which"
            f" {most_cpu_seconds:g} s of processor time do not suffice; --most-cpu gives more",
            err=True,
        )
        return
    rest = "" if found.is_whole else ", then time was over; --most-cpu gives more"
    click.echo(f"{found.answers} answers lie ready, with those about {found.people} people{rest}", err=True)
