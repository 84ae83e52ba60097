"""``tidegauge series``: how much, over time."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.series import series
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query


@click.command("series")
@filter_argument
@question_options
@click.option("--by", default="", metavar="FIELD[,FIELD...]", help="Fields to group by.")
@click.option("--step", default="60s", show_default=True, help="Width of a bucket: 60s, 5m, 1h, 1d.")
@click.option("--metrics", default="bytes,packets,flows", show_default=True, help="What to count.")
def command(
    filter_words: tuple[str, ...], by: str, step: str, metrics: str, **options: Unpack[SharedOptions]
) -> None:
    """Count over time, each counter spread over the whole life of its flow.

    --limit keeps the largest groups of the whole range.

    \b
    tidegauge series --step 5m --by protocol --since today
    """
    query = Query(
        filter=" ".join(filter_words),
        by=tuple(by.split(",")) if by else (),
        step=step,
        metrics=tuple(metrics.split(",")),
    )
    ask(series, options, query)
