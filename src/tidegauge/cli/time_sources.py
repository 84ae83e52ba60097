"""How commands are told which servers to ask for the time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tidegauge.ntp.server_address import ServerAddress

Command = TypeVar("Command", bound=Callable[..., Any])


class TimeSource(click.ParamType[ServerAddress]):
    """``HOST``, ``HOST:PORT``, ``ntp://…`` or ``nts://…``."""

    name = "server"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> ServerAddress:
        """Read the address, or end with a usage error that says what is wrong with it."""
        try:
            return ServerAddress.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


trusted_option = click.option(
    "--trusted",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Certificates (PEM) to trust for NTS, in place of the system's.",
)

_time_source_option = click.option(
    "--time-source",
    "time_sources",
    type=TimeSource(),
    multiple=True,
    metavar="[nts://]HOST[:PORT]",
    help="An NTP server to ask for the time; may be given more than once, four tell a liar apart.",
)


def time_source_options(command: Command) -> Command:
    """``--time-source`` and ``--trusted``."""
    return _time_source_option(trusted_option(command))
