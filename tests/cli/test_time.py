from __future__ import annotations

import click

from tidegauge.cli.time import command


def test_the_group_is_named_as_it_is_typed() -> None:
    assert isinstance(command, click.Group)
    assert (command.name, sorted(command.commands)) == (
        "time",
        ["clients", "devices", "query", "serve", "status"],
    )
