"""``tidegauge top``: who or what has the most."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.top import top
from tidegauge.cli.asking import ask, counting
from tidegauge.cli.options import CountingOptions, counting_options, filter_argument
from tidegauge.query.question import Query


@click.command("top")
@click.argument("fields", metavar="FIELD[,FIELD...]")
@filter_argument
@counting_options
@click.option("--step", help="Width of the buckets of peak_bps (60s) and p95_bps (300s).")
def command(
    fields: str, filter_words: tuple[str, ...], step: str | None, **options: Unpack[CountingOptions]
) -> None:
    """Rank by FIELD: the largest first, 10 rows unless --limit says otherwise.

    src_addr/24 groups by network; addr, port and as count both ends of a flow.

    \b
    tidegauge top src_addr dst port 443
    tidegauge top src_addr/24,dst_port --since 1h --order packets 'bytes > 1M'
    tidegauge top user --direction down --metrics bytes,share,peak_bps --compare 1w --since today
    """
    query = Query(filter=" ".join(filter_words), by=tuple(fields.split(",")), step=step)
    ask(top, options, counting(query, options))
