"""How a lake is told what to keep."""

from __future__ import annotations

from typing import TypedDict

import click

from tidegauge.cli.decoding_options import Duration
from tidegauge.cli.option_group import option_group
from tidegauge.store.byte_text import bytes_from_text
from tidegauge.store.manifest import Retention


class KeepWords(TypedDict):
    """What ``keep_options`` hands to a command; None is what was not said."""

    keep: int | None
    keep_bytes: int | None
    keep_rollups: int | None
    keep_ledger: int | None


class Size(click.ParamType[int]):
    """``200GB``, ``1TiB``; in bytes inside."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a size, or end with a usage error."""
        if isinstance(value, int):
            return value
        try:
            return bytes_from_text(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


keep_options = option_group(
    click.option(
        "--keep",
        type=Duration(),
        metavar="DURATION",
        help="Remove flows that arrived so long ago: 90d, 52w.  [default: never]",
    ),
    click.option(
        "--keep-bytes",
        type=Size(),
        metavar="SIZE",
        help="Remove the oldest flows while the lake is larger: 200GB, 1TiB.  [default: never]",
    ),
    click.option(
        "--keep-rollups",
        type=Duration(),
        metavar="DURATION",
        help="Remove hourly sums, which outlive the flows, when so old.  [default: never]",
    ),
    click.option(
        "--keep-ledger",
        type=Duration(),
        metavar="DURATION",
        help="Remove the ledger, and what exporters told of themselves, when so old.  [default: never]",
    ),
)
"""``--keep``, ``--keep-bytes``, ``--keep-rollups`` and ``--keep-ledger``."""


def retention_of(words: KeepWords) -> Retention:
    """What the words mean."""
    return Retention(
        flows=words["keep"],
        rollups=words["keep_rollups"],
        ledger=words["keep_ledger"],
        bytes=words["keep_bytes"],
    )
