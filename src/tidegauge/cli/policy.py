"""``tidegauge policy``: is the policy right, and which of its rules fit anything?"""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import click

from tidegauge.analysis.policy_file import FILE_NAME, policy_from_file
from tidegauge.analysis.policy_use import policy_use
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, question_options
from tidegauge.query.question import Query


@click.group("policy")
def command() -> None:
    """Check the rules of who may reach what."""


@command.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@question_options
def check(file: Path | None, **options: Unpack[SharedOptions]) -> None:
    """Read policy.toml, or FILE, and print how many flows of the last day each rule decides about.

    A mistake in it is told with its line, and nothing is printed. Who broke which rule is for
    tidegauge alerts to tell.

    \b
    tidegauge policy check
    tidegauge policy check draft.toml --since 1w
    """
    policy = policy_from_file(file or options["lake"] / FILE_NAME)
    if options["since"] is None and options["until"] is None:
        options["since"] = "1d"
    ask(lambda lake, query, now: policy_use(lake, policy, query, now), options, Query())
