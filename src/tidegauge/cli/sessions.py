"""``tidegauge sessions``: who was at what, and for how long."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.sessions import sessions
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query
from tidegauge.query.sessions import EACH


@click.command("sessions")
@filter_argument
@question_options
@click.option("--by", default="user,service", show_default=True, help="Fields to group by.")
@click.option("--detail", is_flag=True, help="List every session by itself, with its start and end.")
@click.option("--sentences", is_flag=True, help="Tell each row in words.")
def command(
    filter_words: tuple[str, ...], by: str, detail: bool, sentences: bool, **options: Unpack[SharedOptions]
) -> None:
    """Show who was at what: how often, how long, how much.

    A session is the union of one person's flows to one service, silences under five minutes included.

    \b
    tidegauge sessions --since today user John
    tidegauge sessions --by machine,site --detail category streaming
    """
    fields = tuple(by.split(","))
    query = Query(filter=" ".join(filter_words), by=(*fields, EACH) if detail else fields)
    shown = ("start", "end") if detail else ("sessions", "first_seen", "last_seen")
    columns = (*fields, "category", *shown, "seconds", "bytes", "mails", "note")
    ask(sessions, options, query, ("sentence",) if sentences else columns)
