"""``tidegauge exporters``: what is known of each exporter."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.exporters import exporters
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, question_options


@click.command("exporters")
@question_options
def command(**options: Unpack[SharedOptions]) -> None:
    """Show each exporter, observation domain and protocol version: last heard, losses, sampling."""
    ask(exporters, options)
