"""``tidegauge time devices``: which device takes the time from whom."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.time_devices import time_devices
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
    "sync",
    "offset_seconds",
)


@click.command("devices")
@filter_argument
@question_options
def devices_command(filter_words: tuple[str, ...], **options: Unpack[SharedOptions]) -> None:
    """Show which NTP servers each device at home asks, which devices ask none, and who is in sync.

    Flows tell of all servers; the NTP server that tidegauge run runs beside the collector knows better who
    asks it, and the clocks of those clients that do not hide them. For most, sync is unknown.

    \b
    tidegauge time devices --since today
    tidegauge time devices --order state site Berlin
    """
    ask(time_devices, options, Query(filter=" ".join(filter_words)), columns=_SHOWN)
