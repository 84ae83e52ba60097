"""``tidegauge profile``: everything about one person, machine or address."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.profile import profile
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query


@click.command("profile")
@filter_argument
@question_options
def command(filter_words: tuple[str, ...], **options: Unpack[SharedOptions]) -> None:
    """Show names, services, sites, peers, ports and hours of whom the filter is about.

    Ten rows of each section unless --limit says otherwise.

    \b
    tidegauge profile --since today user John
    tidegauge profile --time-zone Europe/Berlin addr 192.168.10.17
    """
    ask(profile, options, Query(filter=" ".join(filter_words)))
