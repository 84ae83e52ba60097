"""``tidegauge time devices``: which device takes the time from whom."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.time_sources import time_sources
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query

_SHOWN = (
    "address",
    "machine",
    "user",
    "state",
    "server",
    "requests",
    "answers",
    "interval_seconds",
    "last_asked",
)


@click.command("devices")
@filter_argument
@question_options
def devices_command(filter_words: tuple[str, ...], **options: Unpack[SharedOptions]) -> None:
    """Show which NTP servers each device at home asks, as flows tell, and which devices ask none.

    \b
    tidegauge time devices --since today
    tidegauge time devices --order state site Berlin
    """
    ask(time_sources, options, Query(filter=" ".join(filter_words)), columns=_SHOWN)
