"""``tidegauge alerts``: what looks wrong."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.alerts import alerts
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query

COLUMNS = ("severity", "last_seen", "title", "actor_name", "sentence", "filter")


@click.command("alerts")
@filter_argument
@question_options
def command(filter_words: tuple[str, ...], **options: Unpack[SharedOptions]) -> None:
    """Show what the detectors find, the most severe first, with the filter that shows the flows behind it.

    \b
    tidegauge alerts --since 1h
    tidegauge alerts src net 10.0.0.0/8
    """
    ask(alerts, options, Query(filter=" ".join(filter_words)), COLUMNS)
