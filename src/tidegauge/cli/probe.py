"""``tidegauge probe``: meter packets and export the flows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.probe import Metered, meter_capture

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a frame that was not metered was, in words.
LEFT_OUT = {
    "not_ip": "not IP",
    "unknown_link": "of an unknown link type",
    "cut": "captured too short",
    "bad_header": "with a broken IP header",
}

TIMEOUT = click.FloatRange(min=0, max=1_000_000, min_open=True)


class NothingMeteredError(click.ClickException):
    """The capture holds no IP packets."""

    exit_code = 4


@click.command("probe")
@click.option(
    "--read",
    "path",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Capture file to meter: pcap or pcapng.",
)
@click.option(
    "--export",
    "target",
    required=True,
    metavar="ipfix+udp://HOST:PORT",
    callback=lambda _ctx, _param, value: _target(value),
    help="Collector to send the flows to; also netflow9+udp:// and netflow5+udp://.",
)
@click.option(
    "--active-timeout",
    type=TIMEOUT,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Age at which a flow is reported although packets still come.",
)
@click.option(
    "--idle-timeout",
    type=TIMEOUT,
    default=15.0,
    show_default=True,
    metavar="SECONDS",
    help="Silence after which a flow is over.",
)
def command(path: Path, target: ExportTarget, active_timeout: float, idle_timeout: float) -> None:
    """Meter the packets of a capture and export its flows, times as captured."""
    metered = meter_capture(
        path, target, active_timeout_seconds=active_timeout, idle_timeout_seconds=idle_timeout
    )
    if not metered.counters["packets"]:
        raise NothingMeteredError(f"{path} holds no IP packets{remarks(metered.counters)}")
    click.echo(summary(metered, target), err=True)


def summary(metered: Metered, target: ExportTarget) -> str:
    """Say in one line what was metered and sent."""
    counters = metered.counters
    return (
        f"metered {counters['packets']} packets ({counters['bytes']} bytes) into {counters['flows']} flows,"
        f" sent to {target} in {metered.datagrams} datagrams{remarks(counters)}"
    )


def remarks(counters: Mapping[str, int]) -> str:
    """Say what was left out or cut short; empty when nothing was.

    >>> remarks({"not_ip": 2, "emergencies": 1})
    '; left out 2 frames not IP; 1 flows ended early because the table was full'
    """
    parts = [
        f"left out {counters[name]} frames {words}" for name, words in LEFT_OUT.items() if counters.get(name)
    ]
    if emergencies := counters.get("emergencies"):
        parts.append(f"{emergencies} flows ended early because the table was full")
    if counters.get("damaged_captures"):
        parts.append("the capture is damaged: everything before the damage was read")
    return "".join(f"; {part}" for part in parts)


def _target(text: str) -> ExportTarget:
    try:
        return ExportTarget.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
