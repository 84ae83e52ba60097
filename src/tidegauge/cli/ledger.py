"""``tidegauge ledger``: what was received, stored and lost."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.ledger import ledger
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, question_options

TABLE_COLUMNS = (
    "minute", "exporter", "observation_domain", "protocol_version", "datagrams", "records", "stored",
    "lost_kernel", "lost_queue", "lost_sequence", "lost_no_template", "lost_write",
    "lost_records", "lost_records_error",
)  # fmt: skip


@click.command("ledger")
@question_options
def command(**options: Unpack[SharedOptions]) -> None:
    """Show what was received, stored and lost, by minute."""
    ask(ledger, options, columns=TABLE_COLUMNS)
