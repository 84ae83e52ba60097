"""Options given as one."""

from __future__ import annotations

import click
from click.testing import CliRunner

from tidegauge.cli.option_group import option_group

both = option_group(click.option("--first", help="Of two."), click.option("--second", help="Of two."))


@click.command()
@both
def command(first: str | None, second: str | None) -> None:
    click.echo(f"{first} {second}")


def test_a_command_takes_every_option_of_a_group() -> None:
    assert CliRunner().invoke(command, ["--first", "1", "--second", "2"]).output == "1 2\n"


def test_help_shows_them_in_the_order_they_are_given_in() -> None:
    printed = CliRunner().invoke(command, ["--help"]).output
    assert printed.index("--first") < printed.index("--second") < printed.index("--help")
