"""``tidegauge matrix``: one field against another."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.matrix import laid_out, matrix
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


@click.command("matrix")
@click.argument("fields", metavar="ROWS,COLUMNS")
@filter_argument
@question_options
@click.option("--metrics", default="bytes,packets,flows", show_default=True, help="What to count.")
@click.option("--grid", is_flag=True, help="Draw it: a column for each column, the first metric inside.")
def command(
    fields: str, filter_words: tuple[str, ...], metrics: str, grid: bool, **options: Unpack[SharedOptions]
) -> None:
    """Count by two fields at once: the largest ten of each unless --limit says otherwise, and the rest.

    \b
    tidegauge matrix team,category --grid --since today
    tidegauge matrix src_addr/24,dst_port --limit 5 --metrics flows
    """
    query = Query(
        filter=" ".join(filter_words), by=tuple(fields.split(",")), metrics=tuple(metrics.split(","))
    )
    ask(_drawn if grid else matrix, options, query)


def _drawn(lake: Lake, query: Query, now: int) -> Answer:
    return laid_out(matrix(lake, query, now))
