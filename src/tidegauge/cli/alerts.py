"""``tidegauge alerts``: what looks wrong, and what somebody wants to see no more of."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Unpack

import click
import msgspec

from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.mute import Mute, MuteError
from tidegauge.analysis.mute_file import FILE_NAME, add_mute, read_mutes, remove_mute
from tidegauge.analysis.naming import macros_of
from tidegauge.cli.asking import ask
from tidegauge.cli.options import (
    SharedOptions,
    filter_argument,
    lake_option,
    output_options,
    question_options,
)
from tidegauge.cli.output import write_rows
from tidegauge.clock.duration_text import duration_from_text
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

COLUMNS = ("fingerprint", "severity", "last_seen", "title", "actor_name", "sentence", "filter")
MUTED_COLUMNS = ("muted_by", *COLUMNS)
MUTE_TYPES = dict.fromkeys(("id", *(field.name for field in msgspec.structs.fields(Mute))), "text")


class AlertsGroup(click.Group):
    """A group that shows, unless its first word is another of its commands: a filter may follow at once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``show`` before what is no command."""
        is_told = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_told else ["show", *args])


@click.group("alerts", cls=AlertsGroup)
def command() -> None:
    """Show what looks wrong (show, where no other word is given), and mute what is known.

    \b
    tidegauge alerts --since 1h
    tidegauge alerts mute --detector scan --about 10.0.0.66 --reason "our own scanner"
    tidegauge alerts --muted
    """


@command.command("show")
@filter_argument
@click.option("--muted", is_flag=True, help="Show what is muted, and by which mute.")
@question_options
def show(filter_words: tuple[str, ...], *, muted: bool, **options: Unpack[SharedOptions]) -> None:
    """Show what the detectors find, the most severe first, with the filter that shows the flows behind it.

    \b
    tidegauge alerts --since 1h
    tidegauge alerts src net 10.0.0.0/8
    """
    query = Query(filter=" ".join(filter_words), muted=muted)
    answer = ask(alerts, options, query, MUTED_COLUMNS if muted else COLUMNS)
    if answer.totals["muted"] and not muted and not options["envelope"]:
        click.echo(f"{answer.totals['muted']} muted; --muted shows them", err=True)


@command.command("mute")
@click.argument("finding", metavar="[FINGERPRINT]", default="")
@click.option("--detector", default="", help="Findings of this detector: scan, upload, …")
@click.option("--about", default="", help="Findings about this address, net, 'user NAME', 'machine NAME', …")
@click.option("--filter", "words", default="", help="Findings all of whose flows match this filter.")
@click.option("--until", default="", help="Tell again what is seen from this time on (ISO 8601).")
@click.option("--for", "length", default="", help="The same, so long from now: 12h, 7d.  [default: for good]")
@click.option("--reason", default="", help="Why, for whoever reads it later.")
@lake_option
def mute(
    finding: str,
    *,
    detector: str,
    about: str,
    words: str,
    until: str,
    length: str,
    reason: str,
    lake: Path,
) -> None:
    """Show findings no more: the one of a FINGERPRINT, or all that everything said fits. Print the mute's id.

    They are counted all the same. Mutes are kept in mutes.toml of the lake; the same scope said again
    replaces the earlier mute.

    \b
    tidegauge alerts mute 9ac58b9f8a0b --for 7d
    tidegauge alerts mute --detector policy --about 'team sales' --reason "trade fair"
    """
    now = time.time_ns()
    if until and length:
        raise click.UsageError("--until and --for say the same; leave out one")
    try:
        until = text_from_instant(now + duration_from_text(length)) if length else until
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--for") from None
    opened = Lake.open(lake)
    made = Mute(
        finding=finding,
        detector=detector,
        about=about,
        filter=words,
        until=until,
        reason=reason,
        made=text_from_instant(now),
    )
    add_mute(opened, made, macros_of(opened))
    click.echo(made.id)


@command.command("unmute")
@click.argument("numbers", metavar="ID...", nargs=-1, required=True)
@lake_option
def unmute(numbers: tuple[str, ...], lake: Path) -> None:
    """Show again what the mutes of these IDs hid."""
    opened = Lake.open(lake)
    for number in numbers:
        if not remove_mute(opened, number):
            raise MuteError(f"there is no mute {number} in {opened.path / FILE_NAME}")


@command.command("mutes")
@lake_option
@output_options
def mutes(lake: Path, format_name: str | None, *, envelope: bool) -> None:
    """List the mutes, also those that hide nothing now."""
    opened = Lake.open(lake)
    rows = [
        {"id": each.id, **msgspec.structs.asdict(each)} for each in read_mutes(opened.path, macros_of(opened))
    ]
    write_rows(rows, MUTE_TYPES, format_name, envelope=envelope)
