"""``tidegauge links``: how full, how fast and how clean links are."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.links import links
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query

TABLE_COLUMNS = (
    "link", "capacity_in", "in_mean_bps", "out_mean_bps", "in_p95_bps", "out_p95_bps", "p95_utilisation",
    "minutes_above_80", "coverage_in", "coverage_out", "rtt_p50", "rtt_p95", "retransmit_share",
)  # fmt: skip


@click.command("links")
@filter_argument
@question_options
def command(filter_words: tuple[str, ...], **options: Unpack[SharedOptions]) -> None:
    """Show each interface of each exporter, the fullest first: rates, utilisation, round trips.

    What links are called and can carry is read from links.toml in the folder of the lake. Coverage is what
    flows tell of what the interface counted, where tidegauge counters asked it. What an exporter does not
    measure is left empty, and the column note says so.

    \b
    tidegauge links --since today --order peak_utilisation
    """
    ask(links, options, Query(filter=" ".join(filter_words)), TABLE_COLUMNS)
