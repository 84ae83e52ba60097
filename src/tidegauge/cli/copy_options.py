"""How a collector is told what to do with datagrams beside decoding them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import click

from tidegauge.app.copy_settings import KEEP_BYTES, CopySettings
from tidegauge.cli.decoding_options import Duration
from tidegauge.cli.keep_options import Size
from tidegauge.cli.option_group import option_group
from tidegauge.receiving.forward_target import ForwardTarget, refuse_loops
from tidegauge.receiving.listen_address import ListenAddress

SOURCES = ("exporter", "own")


class CopyWords(TypedDict):
    """What ``copy_options`` hands to a command."""

    keep_raw: int | None
    keep_raw_bytes: int
    forward: tuple[ForwardTarget, ...]
    forward_source: str


class Target(click.ParamType[ForwardTarget]):
    """``udp://HOST:PORT``."""

    name = "target"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> ForwardTarget:
        """Read the target, or end with a usage error."""
        try:
            return ForwardTarget.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


copy_options = option_group(
    click.option(
        "--keep-raw",
        type=Duration(),
        metavar="DURATION",
        help="Keep datagrams as they came, for so long: 2d, 12h.  [default: not at all]",
    ),
    click.option(
        "--keep-raw-bytes",
        type=Size(),
        default=KEEP_BYTES,
        metavar="SIZE",
        help="Remove the oldest of these files while they are larger.  [default: 10GiB]",
    ),
    click.option(
        "--forward",
        type=Target(),
        multiple=True,
        metavar="udp://HOST:PORT",
        help="Send each datagram on to this collector as well; may be said more than once.",
    ),
    click.option(
        "--forward-source",
        type=click.Choice(SOURCES),
        default=SOURCES[0],
        show_default=True,
        help="Whose address they see. The exporter's needs root or CAP_NET_RAW; else it is our own.",
    ),
)
"""``--keep-raw``, ``--keep-raw-bytes``, ``--forward`` and ``--forward-source``."""


def copy_settings(addresses: Sequence[ListenAddress], words: CopyWords) -> CopySettings:
    """What the words mean, for a listener at these addresses; a usage error where it would hear itself."""
    try:
        refuse_loops(addresses, words["forward"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--forward") from None
    is_exporters = words["forward_source"] == SOURCES[0]
    return CopySettings(words["keep_raw"], words["keep_raw_bytes"], words["forward"], is_exporters)
