"""The probe: reads packets, meters them, exports the flows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tidegauge._core import Meter
from tidegauge.metering.exporter import Exporter

if TYPE_CHECKING:
    from tidegauge.metering.export_target import ExportTarget

SECOND = 1_000_000_000

# Packets between two exports: little enough that flows leave while the capture is still being read.
SLICE_PACKETS = 50_000

# The uptime of the first packet. Not 0: packets of several interfaces may be slightly out of order, and an
# event before boot would be read as one 49.7 days after it.
UPTIME_AT_START = 3600 * SECOND


class Metered(NamedTuple):
    """What a probe did. ``counters`` are the meter's own, by name."""

    counters: Mapping[str, int]
    datagrams: int


def meter_capture(
    path: Path, target: ExportTarget, *, active_timeout_seconds: float, idle_timeout_seconds: float
) -> Metered:
    """Meter a pcap or pcapng file and export its flows.

    Times stay as captured, in the headers too: the exporter's clock is that of the capture, so that
    NetFlow, which tells times relative to its header, can tell them however old the capture is.
    Raises OSError when the capture cannot be read or nobody listens at the target.
    """
    path.open("rb").close()  # Python's error names the file
    meter = Meter(active_timeout_seconds=active_timeout_seconds, idle_timeout_seconds=idle_timeout_seconds)
    slices = iter(lambda: meter.read(str(path), SLICE_PACKETS), 0)
    if not any("first_packet_time" in meter.counters() for _ in slices):
        return Metered(meter.counters(), 0)
    # A whole second, so that no millisecond is rounded when times are told as uptime.
    boot_time = meter.counters()["first_packet_time"] // SECOND * SECOND - UPTIME_AT_START
    with Exporter(target, boot_time=boot_time) as exporter:
        _export(meter, exporter)
        for _ in slices:
            _export(meter, exporter)
        _export(meter, exporter, everything=True)
    return Metered(meter.counters(), exporter.datagrams)


def _export(meter: Meter, exporter: Exporter, *, everything: bool = False) -> None:
    for batch in meter.drain(everything=everything):
        exporter.send(batch, meter.counters()["last_packet_time"])
