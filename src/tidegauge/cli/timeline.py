"""``tidegauge timeline``: everything one address did and was, in order."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.timeline import timeline
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query


@click.command("timeline")
@click.argument("address")
@filter_argument
@click.option("--having", default="", help="Which kinds of rows: 'kind in [name, dns]'.")
@question_options
def command(
    address: str, filter_words: tuple[str, ...], having: str, **options: Unpack[SharedOptions]
) -> None:
    """Tell the life of ADDRESS in order: flows at each exporter, NAT, DNS, who held it, findings.

    100 rows unless --limit says otherwise; the filter picks among its flows.

    \b
    tidegauge timeline 192.168.10.17 --since today
    tidegauge timeline 192.168.10.17 --order time:desc port 53
    tidegauge timeline 192.168.10.17 --having 'kind in [name, dns]'
    """
    words = " ".join(filter_words)
    query = Query(filter=f"addr {address} and ({words})" if words else f"addr {address}", having=having)
    ask(timeline, options, query, ("time", "kind", "exporter", "text"))
