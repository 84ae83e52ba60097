"""``tidegauge probe``: meter packets and export the flows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from tidegauge.cli.export_options import ExportWords, export_options, export_settings
from tidegauge.cli.options import exporter_option
from tidegauge.metering.export_target import target_from_text
from tidegauge.metering.exporting import opener
from tidegauge.metering.probe import SECOND, Metered, meter_capture
from tidegauge.metering.settings import MeterSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegauge.metering.export_target import Target
    from tidegauge.metering.live_probe import LiveProbe
    from tidegauge.metering.sink import SinkOpener

EXPORT_SECONDS = 0.5

# What a frame that was not metered was, in words.
LEFT_OUT = {
    "not_ip": "not IP",
    "unknown_link": "of an unknown link type",
    "cut": "captured too short",
    "bad_header": "with a broken IP header",
}

# Engine types times engine ids.
NETFLOW5_DOMAINS = 1 << 16

TIMEOUT = click.FloatRange(min=0, max=1_000_000, min_open=True)


class MeterWords(TypedDict):
    """The options that say how to meter."""

    active_timeout: float
    idle_timeout: float
    tunnels: str
    sample: int
    at_random: bool
    maximum_flows: int
    no_names: bool
    no_performance: bool
    biflow: bool


class ProbeWords(MeterWords, ExportWords):
    """All options in groups."""


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
    multiple=True,
    metavar="ipfix+udp://HOST:PORT",
    callback=lambda _ctx, _param, values: tuple(map(_target, values)),
    help="Where to send the flows: ipfix+udp://, ipfix+tcp:// or ipfix+tls://HOST:PORT, netflow9+udp://,"
    " netflow5+udp://, or ipfix+file:PATH; may be given more than once.",
)
@export_options
@click.option(
    "--lake",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIRECTORY",
    help="With --read: put the flows into this lake, without a collector.",
)
@exporter_option
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
    "--tunnels",
    type=click.Choice(["outer", "inner"]),
    default="outer",
    show_default=True,
    help="Whether flows are of tunnels (IP in IP, GRE, VXLAN, Geneve) or of what these carry.",
)
@click.option(
    "--sample",
    type=click.IntRange(1, 16_383),
    default=1,
    show_default=True,
    metavar="N",
    help="Look at one packet in N only.",
)
@click.option("--at-random", is_flag=True, help="With --sample: any of N packets, not always the first.")
@click.option(
    "--maximum-flows",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    metavar="N",
    help="Flows counted at a time; beyond, those of a flood are counted together.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Threads for each interface; the kernel keeps a flow on one of them.",
)
@click.option(
    "--clock-offset",
    type=click.FloatRange(-1e9, 1e9),
    default=0.0,
    metavar="SECONDS",
    help="Tell times as if this machine's clock were so far ahead, to see what a wrong clock does.",
)
@click.option(
    "--nat",
    "is_translating",
    is_flag=True,
    help="Tell with each flow its addresses and ports on the other side of this router's translation.",
)
@click.option(
    "--nat-events",
    "has_events",
    is_flag=True,
    help="Also send a record when a translation begins and when it ends; this needs no --interface.",
)
@click.option(
    "--biflow",
    is_flag=True,
    help="Tell both directions of a conversation in one record (RFC 5103); IPFIX only.",
)
@click.option(
    "--no-names",
    is_flag=True,
    help="Do not read what clients tell in clear: names in TLS, QUIC, HTTP and DNS.",
)
@click.option(
    "--no-performance", is_flag=True, help="Do not measure round trips and losses of TCP connections."
)
def command(
    interfaces: Sequence[str],
    path: Path | None,
    targets: Sequence[Target],
    lake: Path | None,
    exporter: str,
    threads: int,
    clock_offset: float,
    *,
    is_translating: bool,
    has_events: bool,
    **words: Unpack[ProbeWords],
) -> None:
    """Meter what passes interfaces, or the packets of a capture, and export the flows.

    Listening needs the capability CAP_NET_RAW, following translations CAP_NET_ADMIN. Flows of a capture keep
    their times, in the headers too. With --lake they are stored at once, as a collector would that got them
    as IPFIX from --exporter.
    """
    settings, exporting = _settings(words), export_settings(words)
    if path and (is_translating or has_events):
        raise click.UsageError("a capture does not tell what was translated: --nat needs --interface NAME")
    if bool(interfaces or has_events) == bool(path):
        raise click.UsageError("give either --interface NAME to listen, or --read FILE")
    if not targets and not lake:
        raise click.UsageError(
            "say where the flows go: --export ipfix+udp://HOST:PORT, or with --read --lake DIR"
        )
    if settings.biflows and any(target.protocol_version != "ipfix" for target in targets):
        raise click.UsageError("--biflow needs IPFIX: no other protocol tells both directions of everything")
    is_of_netflow5 = any(target.protocol_version == "netflow5" for target in targets)
    if is_of_netflow5 and exporting.observation_domain >= NETFLOW5_DOMAINS:
        raise click.UsageError(f"NetFlow v5 knows observation domains below {NETFLOW5_DOMAINS} only")
    if path is not None:
        openers = [opener(target, exporting, settings) for target in targets]
        _meter_file(path, dict(zip(map(str, targets), openers, strict=True)), lake, exporter, settings)
    elif lake is not None:
        raise click.UsageError("--lake goes with --read; a live probe exports to tidegauge collect")
    else:
        from tidegauge.metering.live_probe import LiveProbe  # noqa: PLC0415 (captures start sooner without)
        from tidegauge.metering.translations import Tell  # noqa: PLC0415 (the same)

        tell = Tell.EVENTS if has_events else Tell.FLOWS if is_translating else None
        probe = LiveProbe(
            interfaces,
            targets,
            settings,
            time.time_ns,
            exporting=exporting,
            threads=threads,
            translations=tell,
        )
        probe.set_clock_offset(round(clock_offset * SECOND))
        _meter_live(probe, interfaces or ["translations"], targets)


def _settings(words: MeterWords) -> MeterSettings:
    return MeterSettings(
        active_timeout_seconds=words["active_timeout"],
        idle_timeout_seconds=words["idle_timeout"],
        maximum_flows=words["maximum_flows"],
        opens_tunnels=words["tunnels"] == "inner",
        sampling_interval=words["sample"],
        samples_at_random=words["at_random"],
        names=not words["no_names"],
        performance=not words["no_performance"],
        biflows=words["biflow"],
    )


def _meter_file(
    path: Path,
    sinks: Mapping[str, SinkOpener],
    lake: Path | None,
    exporter: str,
    settings: MeterSettings,
) -> None:
    openers, destinations = [*sinks.values()], [*sinks]
    if lake is None:
        metered = meter_capture(path, openers, settings)
    else:
        from tidegauge.app.capture_metering import meter_into_lake  # noqa: PLC0415 (a fifth of the start)
        from tidegauge.store.lake import Lake  # noqa: PLC0415 (the same)

        path.open("rb").close()  # before a lake is made for a file that is not there
        destinations = [str(lake), *destinations]
        metered = meter_into_lake(
            Lake.create(lake), path, settings, openers, exporter=exporter, now=time.time_ns()
        )
    if not metered.counters["packets"]:
        raise NothingMeteredError(f"{path} holds no IP packets{remarks(metered.counters)}")
    click.echo(summary(metered, destinations), err=True)


def _meter_live(probe: LiveProbe, what: Sequence[str], targets: Sequence[Target]) -> None:
    from tidegauge.app.stop_signals import StopSignals  # noqa: PLC0415 (captures start sooner without)
    from tidegauge.telemetry import log  # noqa: PLC0415 (the same)

    log.write_to()
    destinations = [*map(str, targets)]
    with StopSignals() as signals:
        with probe:
            click.echo(f"metering {', '.join(what)} for {', '.join(destinations)}", err=True)
            is_deaf = False
            while not is_deaf and not signals.arrived_within(EXPORT_SECONDS):
                is_deaf = probe.is_deaf()
                probe.export()
        click.echo(summary(probe.metered(), destinations), err=True)
    if is_deaf:
        raise LostInterfaceError(f"{' and '.join(what)} was removed; what had passed was exported")


def summary(metered: Metered, destinations: Sequence[str]) -> str:
    """Say in one line what was metered and sent."""
    counters = metered.counters
    lost = (
        f"; {metered.lost_flows} flows were lost: a collector was away for too long"
        if metered.lost_flows
        else ""
    )
    refused = f", {metered.refusals} of them refused: nobody listened" if metered.refusals else ""
    return (
        f"metered {counters['packets']} packets ({counters['bytes']} bytes) into {counters['flows']} flows,"
        f" sent to {', '.join(destinations)} in {metered.datagrams} datagrams{refused}{lost}"
        f"{remarks(counters)}"
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
    if overflowed := counters.get("overflowed"):
        parts.append(f"{overflowed} flows of a flood were counted together")
    if passed_over := counters.get("passed_over"):
        parts.append(f"sampling passed over {passed_over} packets")
    if tunnel_bytes := counters.get("tunnel_bytes"):
        parts.append(f"{tunnel_bytes} bytes of tunnels around packets are in no flow")
    if dropped := counters.get("kernel_dropped"):
        parts.append(f"the kernel dropped {dropped} frames, because we were too slow: try more --threads")
    if counters.get("damaged_captures"):
        parts.append("the capture is damaged: everything before the damage was read")
    if "nat_created" in counters:
        from tidegauge.metering.translations import translation_remarks  # noqa: PLC0415 (the same)

        parts += translation_remarks(counters)
    return "".join(f"; {part}" for part in parts)


def _target(text: str) -> Target:
    try:
        return target_from_text(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
