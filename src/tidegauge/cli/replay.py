"""``tidegauge replay``: send kept or captured datagrams again."""

from __future__ import annotations

import time
from pathlib import Path

import click

from tidegauge.cli.copy_options import SOURCES, Target
from tidegauge.cli.options import lake_option, range_options
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import range_from_words
from tidegauge.metering.capability import missing_capability
from tidegauge.receiving.capture import Selection
from tidegauge.receiving.forward_target import ForwardTarget
from tidegauge.receiving.replaying import ReplayOrder, ReplayProgress, replay
from tidegauge.store.byte_text import text_from_bytes
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import recordings

_PROGRESS_SECONDS = 5.0


class NothingSentError(click.ClickException):
    """There was nothing to send, or nothing could be."""

    exit_code = 4


class _Speed(click.ParamType[float]):
    """A number, or ``max``, which is 0 inside."""

    name = "speed"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the speed, or end with a usage error."""
        if value == "max" or isinstance(value, float):
            return 0.0 if value == "max" else float(value)
        try:
            speed = float(value)
        except ValueError:
            speed = 0.0
        if not 0 < speed < float("inf"):
            self.fail(f"{value} is no speed: a number above 0, or max", param, ctx)
        return speed


@click.command("replay")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--to", "target", type=Target(), required=True, metavar="udp://HOST:PORT", help="Whom to send to."
)
@click.option(
    "--speed",
    type=_Speed(),
    default="1",
    show_default=True,
    metavar="N|max",
    help="How many times as fast as they came; max is as fast as this machine can.",
)
@click.option(
    "--source",
    type=click.Choice(SOURCES),
    default=SOURCES[0],
    show_default=True,
    help="Whose address the receiver sees. The exporter's needs root or CAP_NET_RAW; else it is our own.",
)
@range_options
@lake_option
def command(  # noqa: PLR0917 (click calls by name)
    files: tuple[Path, ...],
    target: ForwardTarget,
    speed: float,
    source: str,
    since: str | None,
    until: str | None,
    time_zone: str,
    lake: Path,
) -> None:
    """Send the exports in FILEs, or those that the lake kept, to a collector: at their pace, or faster.

    FILEs are pcap or pcapng, also compressed by zstd. Without any it is what collect --keep-raw kept.
    Times inside the datagrams stay as they are. Of what is lost on the way only the receiver can tell.

    \b
    tidegauge replay --since 2h --until 1h --to udp://192.0.2.7:2055
    tidegauge replay --speed max capture.pcapng --to udp://127.0.0.1:9995
    """
    try:
        wanted = range_from_words(since, until, time_zone, time.time_ns())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    chosen = [list(files)] if files else list(recordings(Lake.open(lake), wanted).values())
    if not chosen:
        raise NothingSentError(f"no datagrams of that time are kept in {lake}; see tidegauge raw list")
    selection = Selection(wanted.since, wanted.until, takes_unknown=not files)
    is_exporters = source == SOURCES[0]
    _send(ReplayOrder(chosen, target, selection, speed or None, is_exporters))


def _send(order: ReplayOrder) -> None:
    began = told = time.monotonic()
    progress: ReplayProgress | None = None
    try:
        for progress in replay(order):
            now = time.monotonic()
            if now - told > _PROGRESS_SECONDS and progress.last is not None:
                told = now
                click.echo(f"{_count(progress)}, at {text_from_instant(progress.last)[:19]}Z", err=True)
    finally:
        if progress is not None:
            _sum_up(progress, order, time.monotonic() - began)
    if progress is None or not progress.datagrams:
        reason = (
            f": {progress.error}" if progress and progress.error else "; there are no exports in that time"
        )
        raise NothingSentError(f"nothing was sent to {order.target}{reason}")


def _sum_up(progress: ReplayProgress, order: ReplayOrder, seconds: float) -> None:
    if progress.failed:
        click.echo(f"{progress.failed:,} datagrams were not sent: {progress.error or 'too long'}", err=True)
    if not progress.datagrams:
        return
    if order.keeps_source and progress.from_own:
        click.echo(
            f"{progress.from_own:,} datagrams left from our own address: that of the exporter takes a right"
            f" that we lack, or is IPv4 and {order.target} is not. {missing_capability('CAP_NET_RAW')}",
            err=True,
        )
    click.echo(f"sent {_count(progress)}, {text_from_bytes(progress.bytes)} in {seconds:.1f} s", err=True)


def _count(progress: ReplayProgress) -> str:
    return f"{progress.datagrams:,} datagrams"
