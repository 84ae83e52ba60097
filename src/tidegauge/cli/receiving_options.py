"""How a collector is told what takes datagrams off the network."""

from __future__ import annotations

from typing import TypedDict

import click

from tidegauge.cli.option_group import option_group
from tidegauge.receiving.listener import MAXIMUM_RECEIVE_BUFFER, MAXIMUM_RECEIVERS, RECEIVE_BUFFER_MEBIBYTES


class ReceivingWords(TypedDict):
    """What ``receiving_options`` hands to a command."""

    receivers: int
    receive_buffer: int


receiving_options = option_group(
    click.option(
        "--receivers",
        type=click.IntRange(1, MAXIMUM_RECEIVERS),
        default=1,
        show_default=True,
        metavar="N",
        help="Threads that receive at each udp:// address; an exporter is always with the same one."
        " Limits below are of each.",
    ),
    click.option(
        "--receive-buffer",
        type=click.IntRange(1, MAXIMUM_RECEIVE_BUFFER),
        default=RECEIVE_BUFFER_MEBIBYTES,
        show_default=True,
        metavar="MIB",
        help="Mebibytes of datagrams that the kernel may hold for each receiver while it is busy.",
    ),
)
