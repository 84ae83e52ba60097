"""``tidegauge conversations``: who talked with whom."""

from __future__ import annotations

from typing import Unpack

import click

from tidegauge.analysis.conversations import conversations
from tidegauge.cli.asking import ask
from tidegauge.cli.options import SharedOptions, filter_argument, question_options
from tidegauge.query.question import Query

_SHOWN = ("bytes_to_server", "bytes_to_client", "packets", "flows", "first_seen", "last_seen", "tcp_rtt")


@click.command("conversations")
@filter_argument
@question_options
@click.option("--by", default="client,server,port,protocol", show_default=True, help="Fields to group by.")
def command(filter_words: tuple[str, ...], by: str, **options: Unpack[SharedOptions]) -> None:
    """List who talked with whom, both directions in one row, 100 unless --limit says otherwise.

    src_… names the client's side and dst_… the server's, whichever way the flows were reported.

    \b
    tidegauge conversations --since 1h --by client/24,server
    tidegauge conversations --by user,service,port not port 53
    """
    fields = tuple(by.split(","))
    names = tuple(words.strip().partition("/")[0] for words in fields)
    ask(conversations, options, Query(filter=" ".join(filter_words), by=fields), (*names, *_SHOWN))
