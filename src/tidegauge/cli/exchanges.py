"""``tidegauge exchanges``: our own packets, and what became of them in the reports of exporters."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Unpack

import click

from tidegauge.analysis.exchanges import exchanges
from tidegauge.app.asking import Target, ask
from tidegauge.app.probing import ProbeTarget, probe, probe_pause
from tidegauge.cli import asking
from tidegauge.cli.options import SharedOptions, lake_option, output_options, question_options
from tidegauge.cli.output import write_rows
from tidegauge.clock.duration_text import duration_from_text
from tidegauge.clock.instant_text import NANOSECONDS, text_from_instant
from tidegauge.flow.addresses import text_from_address
from tidegauge.flow.clock_probe import ClockProbe
from tidegauge.flow.exchange import Exchange
from tidegauge.ntp.own_clock import read_own_clock
from tidegauge.store.clock_probes import ProbeWriter
from tidegauge.store.exchanges import append
from tidegauge.store.lake import Lake

_ASKED = {
    "target": "text",
    "client_address": "text",
    "client_port": "uint16",
    "sent": "text",
    "received": "text",
    "seconds": "float64",
}
_PROBED = {
    "exporter": "text",
    "kind": "text",
    "sent": "text",
    "offset_low": "float64",
    "offset_high": "float64",
}


class UnansweredError(click.ClickException):
    """Nobody answered."""

    exit_code = 4


@click.group("exchanges")
def command() -> None:
    """Bound the clocks of routers by packets of ours that pass them, and hold their reports against these.

    A router that meters a question of ours saw it after we sent it and before we had the answer. Its clock
    need not be asked for that.
    """


@command.command("show")
@question_options
def show(**options: Unpack[SharedOptions]) -> None:
    """Show what exporters told of our packets: between which offsets their clocks lie, how many packets they
    told of, and how late.

    Offsets are exporter minus true time, so a fast clock is positive.
    """  # noqa: D205 (click prints the first paragraph whole)
    asking.ask(exchanges, options)


@command.command("ask")
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option("--count", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Rounds to ask.")
@click.option("--every", default="10s", show_default=True, help="From one round to the next, at least 1s.")
@click.option(
    "--timeout-seconds",
    type=click.FloatRange(0.01, 60),
    default=2.0,
    show_default=True,
    help="How long to wait for each answer.",
)
@lake_option
@output_options
def ask_command(
    targets: tuple[str, ...],
    count: int,
    every: str,
    timeout_seconds: float,
    lake: Path,
    format_name: str | None,
    *,
    envelope: bool,
) -> None:
    """Ask TARGETs beyond the routers, and keep when each was asked and answered.

    A TARGET is ntp://HOST, dns://HOST (for the servers of the root) or tcp://HOST:PORT (a connection that is
    closed again at once). Exit 4 if none answered.

    \b
    tidegauge exchanges ask ntp://192.0.2.1 tcp://192.0.2.2:443 --count 60
    """
    whom, pause = _targets(targets), _pause(every)
    opened, rows = Lake.create(lake), list[dict[str, Any]]()
    for number in range(count):
        if number:
            time.sleep(pause)
        found = [exchange for target in whom if (exchange := _asked(target, timeout_seconds))]
        append(opened, found, time.time_ns())
        rows += map(_row, found)
    write_rows(rows, _ASKED, format_name, envelope=envelope)
    if not rows:
        raise UnansweredError("nobody answered")


@command.command("probe")
@click.argument("targets", metavar="EXPORTER...", nargs=-1, required=True)
@click.option("--count", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Rounds to ask.")
@click.option("--every", default="1m", show_default=True, help="From one round to the next, at least 16s.")
@lake_option
@output_options
def probe_command(
    targets: tuple[str, ...],
    count: int,
    every: str,
    lake: Path,
    format_name: str | None,
    *,
    envelope: bool,
) -> None:
    """Ask exporters themselves what time they show, and keep the answers for clocks. Exit 4 if none answered.

    An EXPORTER is ntp://HOST, which asks its NTP service, or icmp://HOST, which asks for an ICMP timestamp
    (RFC 792; needs root or CAP_NET_RAW). HOST is the address that it exports from. Nobody is asked
    unless told to here, or in a table [exchanges.probe] of what tidegauge run reads.

    \b
    tidegauge exchanges probe ntp://192.0.2.1 icmp://192.0.2.1 --count 10
    """
    whom, pause = _probe_targets(targets), _probe_pause(every)
    opened, rows = Lake.create(lake), list[dict[str, Any]]()
    writer = ProbeWriter(opened)
    for number in range(count):
        if number:
            time.sleep(pause)
        for target in whom:
            try:
                found = probe(target, time.time_ns, read_own_clock().bound)
            except OSError as error:
                click.echo(f"{target}: {error}", err=True)
                continue
            writer.append(found)
            rows.append(_probe_row(found))
    write_rows(rows, _PROBED, format_name, envelope=envelope)
    if not rows:
        raise UnansweredError("nobody answered")


def _probe_targets(texts: tuple[str, ...]) -> list[ProbeTarget]:
    try:
        return [ProbeTarget.parse(text) for text in texts]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="EXPORTER") from None


def _probe_pause(every: str) -> float:
    try:
        return probe_pause(every)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--every") from None


def _probe_row(found: ClockProbe) -> dict[str, Any]:
    floor, ceiling = found.limits
    return {
        "exporter": found.exporter,
        "kind": found.kind,
        "sent": text_from_instant(found.sent),
        "offset_low": floor.offset / NANOSECONDS,
        "offset_high": ceiling.offset / NANOSECONDS,
    }


def _targets(texts: tuple[str, ...]) -> list[Target]:
    try:
        return [Target.parse(text) for text in texts]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="TARGET") from None


def _pause(every: str) -> float:
    try:
        pause = duration_from_text(every) / NANOSECONDS
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--every") from None
    if pause < 1:
        raise click.BadParameter(f"{every} is too often: servers are not ours to flood", param_hint="--every")
    return pause


def _asked(target: Target, timeout_seconds: float) -> Exchange | None:
    try:
        return ask(target, time.time_ns, read_own_clock().bound, timeout_seconds)
    except OSError as error:
        click.echo(str(error), err=True)
        return None


def _row(exchange: Exchange) -> dict[str, Any]:
    server = text_from_address(exchange.server_address)
    return {
        "target": f"[{server}]:{exchange.server_port}"
        if ":" in server
        else f"{server}:{exchange.server_port}",
        "client_address": text_from_address(exchange.client_address),
        "client_port": exchange.client_port,
        "sent": text_from_instant(exchange.sent),
        "received": text_from_instant(exchange.received),
        "seconds": (exchange.received - exchange.sent) / NANOSECONDS,
    }
