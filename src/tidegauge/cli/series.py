"""``tidegauge series``: how much, over time."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.series import series
from tidegauge.cli.asking import ask, counting
from tidegauge.cli.options import CountingOptions, counting_options, filter_argument
from tidegauge.query.question import Query


@click.command("series")
@filter_argument
@counting_options
@click.option("--by", default="", metavar="FIELD[,FIELD...]", help="Fields to group by.")
@click.option("--step", default="60s", show_default=True, help="Width of a bucket: 60s, 5m, 1h, 1d, 1w.")
@click.option("--fill", is_flag=True, help="Give buckets without flows a row too.")
def command(
    filter_words: tuple[str, ...], by: str, step: str, fill: bool, **options: Unpack[CountingOptions]
) -> None:
    """Count over time, each counter spread over the whole life of its flow.

    --limit keeps the largest groups of the whole range. Days and weeks are those of --time-zone.

    \b
    tidegauge series --step 5m --by protocol --since today
    tidegauge series --step 1d --time-zone Europe/Berlin --since 4w --compare previous
    """
    query = Query(filter=" ".join(filter_words), by=tuple(by.split(",")) if by else (), step=step, fill=fill)
    ask(series, options, counting(query, options))
