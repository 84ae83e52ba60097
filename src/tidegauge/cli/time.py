"""``tidegauge time``: ask a server for the time, be one, and look at our own clock."""

from __future__ import annotations

import click

from tidegauge.cli.time_clients import clients_command
from tidegauge.cli.time_devices import devices_command
from tidegauge.cli.time_query import query_command
from tidegauge.cli.time_serve import serve_command
from tidegauge.cli.time_status import status_command


@click.group("time")
def command() -> None:
    """Ask for the time, serve it, and judge our own clock. The clock is never set."""


for below in (query_command, serve_command, clients_command, devices_command, status_command):
    command.add_command(below)
