"""``tidegauge clocks``: how far each exporter's clock is off."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.clocks import clocks
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, question_options


@click.command("clocks")
@question_options
def command(**options: Unpack[SharedOptions]) -> None:
    """Show how far each exporter's clock is off: exporter minus true, so a fast clock is positive."""
    ask(clocks, options)
