"""``tidegauge top``: who or what has the most."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.top import top
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query


@click.command("top")
@click.argument("fields", metavar="FIELD[,FIELD...]")
@filter_argument
@question_options
@click.option("--metrics", default="bytes,packets,flows", show_default=True, help="What to count.")
def command(
    fields: str, filter_words: tuple[str, ...], metrics: str, **options: Unpack[SharedOptions]
) -> None:
    """Rank by FIELD: the largest first, 10 rows unless --limit says otherwise.

    src_addr/24 groups by network; addr, port and as count both ends of a flow.

    \b
    tidegauge top src_addr dst port 443
    tidegauge top src_addr/24,dst_port --since 1h --order packets 'bytes > 1M'
    """
    query = Query(
        filter=" ".join(filter_words), by=tuple(fields.split(",")), metrics=tuple(metrics.split(","))
    )
    ask(top, options, query)
