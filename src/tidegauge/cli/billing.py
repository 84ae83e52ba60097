"""``tidegauge billing``: what would have to be paid for."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.billing import billing
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query


@click.command("billing")
@filter_argument
@question_options
@click.option("--by", default="exporter,interface", show_default=True, help="Fields to group by.")
@click.option("--percentile", default="95", show_default=True, help="Which percentile of the samples.")
def command(
    filter_words: tuple[str, ...], by: str, percentile: str, **options: Unpack[SharedOptions]
) -> None:
    """Take a percentile of five-minute averages, of this calendar month unless --since says otherwise.

    sum_bps is for bills by in and out together, higher_bps for bills by the higher of the two.

    \b
    tidegauge billing --time-zone Europe/Berlin
    tidegauge billing --by team --since 2026-01-01 --until 2026-02-01
    """
    query = Query(filter=" ".join(filter_words), by=tuple(by.split(",")), metrics=(f"p{percentile}",))
    ask(billing, options, query)
