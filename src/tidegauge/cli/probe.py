"""``tidegauge probe``: meter packets and export the flows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegauge.app.stop_signals import StopSignals
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.live_probe import LiveProbe
from tidegauge.metering.probe import Metered, Timeouts, meter_capture
from tidegauge.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXPORT_SECONDS = 0.5

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


class LostInterfaceError(click.ClickException):
    """An interface was removed."""

    exit_code = 4


@click.command("probe")
@click.option(
    "--interface",
    "interfaces",
    multiple=True,
    metavar="NAME",
    help="Interface to meter, until SIGTERM or Ctrl-C; may be given more than once.",
)
@click.option(
    "--read",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Capture file to meter: pcap or pcapng.",
)
@click.option(
    "--export",
    "targets",
    required=True,
    multiple=True,
    metavar="ipfix+udp://HOST:PORT",
    callback=lambda _ctx, _param, values: tuple(map(_target, values)),
    help="Collector to send the flows to; also netflow9+udp:// and netflow5+udp://, and more than one.",
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
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Threads for each interface; the kernel keeps a flow on one of them.",
)
def command(
    interfaces: Sequence[str],
    path: Path | None,
    targets: Sequence[ExportTarget],
    active_timeout: float,
    idle_timeout: float,
    threads: int,
) -> None:
    """Meter what passes interfaces, or the packets of a capture, and export the flows.

    Listening needs the capability CAP_NET_RAW. Flows of a capture keep their times, in the headers too.
    """
    timeouts = Timeouts(active_timeout, idle_timeout)
    if bool(interfaces) == bool(path):
        raise click.UsageError("give either --interface NAME to listen, or --read FILE")
    if path is None:
        probe = LiveProbe(interfaces, targets, timeouts, time.time_ns, threads=threads)
        _meter_interfaces(probe, interfaces, targets)
    else:
        _meter_file(path, targets, timeouts)


def _meter_file(path: Path, targets: Sequence[ExportTarget], timeouts: Timeouts) -> None:
    metered = meter_capture(path, targets, timeouts)
    if not metered.counters["packets"]:
        raise NothingMeteredError(f"{path} holds no IP packets{remarks(metered.counters)}")
    click.echo(summary(metered, targets), err=True)


def _meter_interfaces(probe: LiveProbe, interfaces: Sequence[str], targets: Sequence[ExportTarget]) -> None:
    log.write_to()
    with StopSignals() as signals:
        with probe:
            click.echo(f"metering {', '.join(interfaces)} for {_listed(targets)}", err=True)
            is_deaf = False
            while not is_deaf and not signals.arrived_within(EXPORT_SECONDS):
                is_deaf = probe.is_deaf()
                probe.export()
        click.echo(summary(probe.metered(), targets), err=True)
    if is_deaf:
        raise LostInterfaceError(f"{' and '.join(interfaces)} was removed; what had passed was exported")


def summary(metered: Metered, targets: Sequence[ExportTarget]) -> str:
    """Say in one line what was metered and sent."""
    counters = metered.counters
    refused = f", {metered.refusals} of them refused: nobody listened" if metered.refusals else ""
    return (
        f"metered {counters['packets']} packets ({counters['bytes']} bytes) into {counters['flows']} flows,"
        f" sent to {_listed(targets)} in {metered.datagrams} datagrams{refused}{remarks(counters)}"
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
    if dropped := counters.get("kernel_dropped"):
        parts.append(f"the kernel dropped {dropped} frames, because we were too slow: try more --threads")
    if counters.get("damaged_captures"):
        parts.append("the capture is damaged: everything before the damage was read")
    return "".join(f"; {part}" for part in parts)


def _listed(targets: Sequence[ExportTarget]) -> str:
    return ", ".join(map(str, targets))


def _target(text: str) -> ExportTarget:
    try:
        return ExportTarget.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
