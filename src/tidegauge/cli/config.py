"""``tidegauge config``: look at the file that says what ``run`` runs."""

from __future__ import annotations

import time
from pathlib import Path

import click

from tidegauge.app.configuration import configuration_from_file, default_place

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=default_place,
    metavar="FILE",
    help="What to run.  [default: $TIDEGAUGE_CONFIG, else /etc/tidegauge.toml for root, "
    "~/.config/tidegauge.toml for others]",
)


@click.group("config")
def command() -> None:
    """Check and show the configuration of tidegauge run."""


@command.command("check")
@config_option
def check_command(config: Path) -> None:
    """Say whether all of it can be meant; ends 4 with a sentence where it cannot."""
    configuration_from_file(config, time.time_ns())
    click.echo(f"{config} can be run", err=True)


@command.command("dump")
@config_option
def dump_command(config: Path) -> None:
    """Print every word with what it means here, defaults as well, as JSON. No secret is among them."""
    click.echo(configuration_from_file(config, time.time_ns()).to_json())
