"""Options that commands share, so that the same word means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NotRequired, TypedDict, TypeVar

import click

from tidegauge.cli.option_group import option_group
from tidegauge.store.place import default_lake

Command = TypeVar("Command", bound=Callable[..., Any])


class SharedOptions(TypedDict):
    """What ``question_options`` hands to a command."""

    lake: Path
    format_name: str | None
    envelope: bool
    since: str | None
    until: str | None
    time_zone: str
    limit: int | None
    order: str
    no_rollups: NotRequired[bool]


class CountingOptions(SharedOptions):
    """What ``counting_options`` hands to a command that counts."""

    metrics: str
    direction: str | None
    compare: str | None
    having: str
    duplicates: str | None


FORMATS = ("table", "json", "ndjson", "csv", "parquet", "arrow")


lake_option = click.option(
    "--lake",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="TIDEGAUGE_LAKE",
    default=default_lake,
    help="Folder of the lake.  [default: $TIDEGAUGE_LAKE, else this user's state folder]",
)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise click.BadParameter(f"{text} is no IP address") from None


exporter_option = click.option(
    "--exporter",
    default="::",
    show_default=True,
    metavar="ADDR",
    callback=lambda _ctx, _param, value: _address(value),
    help="Who sent the exports, where a file does not say.",
)

elements_option = click.option(
    "--elements",
    "elements_path",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File that names elements of your own.  [default: elements.csv in the folder of the lake]",
)

format_option = click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    default=None,
    help="How to print.  [default: table on a terminal, ndjson in a pipe]",
)

envelope_option = click.option(
    "--envelope", is_flag=True, help="Print one JSON object with totals, other, completeness and warnings."
)

filter_argument = click.argument("filter_words", metavar="[FILTER]...", nargs=-1)


def output_options(command: Command) -> Command:
    """``--format`` and ``--envelope``."""
    return format_option(envelope_option(command))


def range_options(command: Command) -> Command:
    """``--since``, ``--until`` and ``--time-zone``."""
    command = click.option(
        "--time-zone", default="UTC", help="Zone of times without an offset.", show_default=True
    )(command)
    command = click.option("--until", help="End, excluded: ISO 8601, 1h (ago), now-1d, today.")(command)
    return click.option("--since", help="Start: ISO 8601, 1h (ago), now-1d, today.  [default: everything]")(
        command
    )


def row_options(command: Command) -> Command:
    """``--limit`` and ``--order``."""
    command = click.option(
        "--order", default="", help="Sort by this column; NAME:asc or NAME:desc says which way."
    )(command)
    return click.option(
        "--limit", type=click.IntRange(min=0), default=None, help="Rows to print, 0 for all."
    )(command)


def question_options(command: Command) -> Command:
    """Everything a question over a lake takes, apart from its filter."""
    return lake_option(range_options(row_options(output_options(command))))


direction_option = click.option(
    "--direction",
    type=click.Choice(["up", "down"]),
    default=None,
    help="Only flows that leave home (up) or enter it (down).",
)


duplicates_option = click.option(
    "--duplicates",
    type=click.Choice(["once", "all"]),
    default=None,
    help="Count what several exporters saw once, or all of it.  [default: once, but all by exporter]",
)


counting_options = option_group(
    question_options,
    click.option(
        "--metrics",
        default="bytes,packets,flows",
        show_default=True,
        help="What to count; also bytes_up, share, first_seen, sessions, peak_bps, distinct_FIELD, …",
    ),
    click.option(
        "--no-rollups",
        is_flag=True,
        help="Look at each flow, also where sums that the lake keeps tell the same sooner.",
    ),
    direction_option,
    duplicates_option,
    click.option("--compare", help="Earlier time to compare with: previous, 1h, 1d, 1w."),
    click.option("--having", default="", help="Condition on the rows: 'bytes > 1G and flows < 10'."),
)
"""What a question that counts takes beside: what to count, and what to compare it with."""
