"""The probe: reads packets, meters them, exports the flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
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


class Timeouts(NamedTuple):
    """When flows are reported: at this age, and after this silence."""

    active_seconds: float = 60.0
    idle_seconds: float = 15.0

    def meter(self) -> Meter:
        """Return a meter that keeps them."""
        return Meter(active_timeout_seconds=self.active_seconds, idle_timeout_seconds=self.idle_seconds)


class Metered(NamedTuple):
    """What a probe did. ``counters`` are the meter's own, by name."""

    counters: Mapping[str, int]
    datagrams: int
    refusals: int = 0


def meter_capture(path: Path, targets: Sequence[ExportTarget], timeouts: Timeouts) -> Metered:
    """Meter a pcap or pcapng file and export its flows, to every target the same.

    Times stay as captured, in the headers too: the exporter's clock is that of the capture, so that
    NetFlow, which tells times relative to its header, can tell them however old the capture is.
    Raises OSError when the capture cannot be read or nobody listens at a target.
    """
    path.open("rb").close()  # Python's error names the file
    meter = timeouts.meter()
    slices = iter(lambda: meter.read(str(path), SLICE_PACKETS), 0)
    if not any("first_packet_time" in meter.counters() for _ in slices):
        return Metered(meter.counters(), 0)
    boot_time = boot_time_before(meter.counters()["first_packet_time"])
    with ExitStack() as stack:
        exporters = [stack.enter_context(Exporter(target, boot_time=boot_time)) for target in targets]
        _export(meter, exporters)
        for _ in slices:
            _export(meter, exporters)
        _export(meter, exporters, everything=True)
    return Metered(meter.counters(), sum(exporter.datagrams for exporter in exporters))


def boot_time_before(first: int) -> int:
    """When to say that the exporter booted, given the time of its first packet.

    A whole second, so that no millisecond is rounded when times are told as uptime.
    """
    return first // SECOND * SECOND - UPTIME_AT_START


def _export(meter: Meter, exporters: Sequence[Exporter], *, everything: bool = False) -> None:
    for batch in meter.drain(everything=everything):
        for exporter in exporters:
            exporter.send(batch, meter.counters()["last_packet_time"])
