"""``tidegauge lake``: look after the lake itself."""

from __future__ import annotations

import click

from tidegauge.cli.lake_compact import compact_command
from tidegauge.cli.lake_export import export_command
from tidegauge.cli.lake_ready import ready_command
from tidegauge.cli.lake_status import status_command
from tidegauge.cli.lake_verify import verify_command


@click.group("lake")
def command() -> None:
    """Look after the lake: what it holds and keeps, whether it is sound, and how to hand on a part of it.

    Nothing here is needed for every day: a collector joins files, removes what is too old and deletes what
    is free to go once a minute by itself. All of it is safe beside running collectors.

    \b
    tidegauge lake status
    tidegauge lake compact --keep 90d
    tidegauge lake verify
    tidegauge lake export --since today --to /tmp/today.parquet
    """


for below in (status_command, compact_command, verify_command, export_command, ready_command):
    command.add_command(below)
