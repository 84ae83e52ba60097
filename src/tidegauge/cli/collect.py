"""``tidegauge collect``: receive and store until told to stop."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from tidegauge.app.collector import Collector
from tidegauge.app.collector_watch import require_statistics, watch, write_statistics
from tidegauge.app.followed_names import followed_names
from tidegauge.app.intake import ReceivingSettings
from tidegauge.app.lake_readiness import kept_ready
from tidegauge.app.name_learning import names_followed
from tidegauge.app.stop_signals import StopSignals
from tidegauge.app.time_keeping import time_kept
from tidegauge.cli.copy_options import CopyWords, copy_options, copy_settings
from tidegauge.cli.decoding_options import DecodingWords, decoding_options, decoding_settings
from tidegauge.cli.keep_options import KeepWords, keep_options, retention_of
from tidegauge.cli.options import elements_option, lake_option
from tidegauge.cli.receiving_options import ReceivingWords, receiving_options
from tidegauge.cli.stream_options import StreamWords, stream_options, stream_settings
from tidegauge.cli.time_sources import time_source_options
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.receiving.listen_address import COLLECTOR_TRANSPORTS, ListenAddress
from tidegauge.store.lake import Lake
from tidegauge.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Listen(click.ParamType[ListenAddress]):
    """``udp://HOST:PORT``, also ``tcp://`` and ``tls://``."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:
        """Read the address, or end with a usage error that says what is wrong with it."""
        try:
            return ListenAddress.parse(value, COLLECTOR_TRANSPORTS)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Words(StreamWords, ReceivingWords, DecodingWords, KeepWords, CopyWords):
    """How connections and datagrams are taken and decoded, how long it is kept, and who gets a copy."""


@click.command("collect")
@click.option(
    "--listen",
    "addresses",
    type=_Listen(),
    required=True,
    multiple=True,
    metavar="udp://HOST:PORT",
    help="Where to listen; also tcp:// and tls:// for IPFIX, and more than one. Port 0 takes a free one.",
)
@lake_option
@elements_option
@click.option(
    "--stats-json",
    "statistics_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep what was received, stored and lost in this file.",
)
@keep_options
@copy_options
@receiving_options
@stream_options
@decoding_options
@time_source_options
def command(
    addresses: Sequence[ListenAddress],
    lake: Path,
    elements_path: Path | None,
    statistics_path: Path | None,
    time_sources: Sequence[ServerAddress],
    trusted: Path | None,
    **words: Unpack[_Words],
) -> None:
    """Receive NetFlow, IPFIX and sFlow and store the flows, until SIGTERM or Ctrl-C.

    What was received by then is still stored, and what is known of templates is kept for the next start.
    While it runs, every other command can question the lake.
    Names are learnt meanwhile from what names/follow.toml of the lake lists: see tidegauge names follow.
    Elements are named as elements.csv of the lake says, read again when it changes.
    All is kept for ever unless --keep or --keep-bytes says otherwise. On a full disk flows are refused, and
    counted as lost: see tidegauge lake.
    With --keep-raw datagrams are kept as they came too, so that they can be decoded again (tidegauge raw) or
    sent again (tidegauge replay); --forward sends each on to other collectors as it comes.
    How far this machine's own clock is off is watched by --time-source, else by a chronyd on this machine or
    the kernel: see tidegauge time status.
    Once an hour the lake is made ready for whoever opens a page of it first: see tidegauge lake ready.
    """
    settings = ReceivingSettings(
        stream_settings(addresses, words),
        decoding_settings(words),
        words["receive_buffer"],
        copy_settings(addresses, words),
        words["receivers"],
    )
    log.write_to()
    require_statistics(statistics_path)
    opened = Lake.create(lake)
    opened.retention = retention_of(words)
    wanted = followed_names(opened.path / "names")
    with StopSignals() as signals:
        collector = Collector(opened, addresses, time.time_ns, settings, elements_path)
        collector.start()
        for address in collector.addresses:
            click.echo(f"listening {address}", err=True)
        try:
            with (
                names_followed(opened, wanted, time.time_ns),
                time_kept(opened, time_sources, trusted),
                kept_ready(opened, time.time_ns),
            ):
                watch(collector, signals.arrived_within, statistics_path)
        finally:
            collector.stop()
            write_statistics(collector, statistics_path)
    if collector.failure is not None:
        raise collector.failure
