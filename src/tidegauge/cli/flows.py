"""``tidegauge flows``: the flows themselves."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.flows import flows
from tidegauge.cli.asking import ask
from tidegauge.cli.options import (
    SharedOptions,
    direction_option,
    duplicates_option,
    filter_argument,
    question_options,
)
from tidegauge.query.question import Query

TABLE_COLUMNS = (
    "start", "duration", "protocol", "src_addr", "src_port", "dst_addr", "dst_port", "packets", "bytes",
)  # fmt: skip


@click.command("flows")
@filter_argument
@question_options
@direction_option
@duplicates_option
@click.option("--cursor", default="", help="Go on where an earlier page of the same question ended.")
def command(
    filter_words: tuple[str, ...],
    direction: str | None,
    duplicates: str | None,
    cursor: str,
    **options: Unpack[SharedOptions],
) -> None:
    """List flows by start, 100 unless --limit says otherwise.

    A table shows the fields people read first; every other format has all.

    \b
    tidegauge flows --since 10m host 192.0.2.7 and not port 53
    """
    query = Query(
        filter=" ".join(filter_words),
        direction=direction or "",
        duplicates=duplicates or "",
        cursor=cursor,
    )
    ask(flows, options, query, TABLE_COLUMNS)
