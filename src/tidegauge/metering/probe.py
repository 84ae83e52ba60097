"""The probe: reads packets, meters them, exports the flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tidegauge._core import Meter
    from tidegauge.metering.settings import MeterSettings
    from tidegauge.metering.sink import Sink, SinkOpener

SECOND = 1_000_000_000

# Packets between two exports: little enough that flows leave while the capture is still being read.
SLICE_PACKETS = 100_000

# The uptime of the first packet. Not 0: packets of several interfaces may be slightly out of order, and an
# event before boot would be read as one 49.7 days after it.
UPTIME_AT_START = 3600 * SECOND


class Metered(NamedTuple):
    """What a probe did. ``counters`` are the meter's own, by name; see ``Exporter`` for the others."""

    counters: Mapping[str, int]
    datagrams: int
    refusals: int = 0
    lost_flows: int = 0


def meter_capture(path: Path, openers: Sequence[SinkOpener], settings: MeterSettings) -> Metered:
    """Meter a pcap or pcapng file and give its flows to every sink.

    Times stay as captured, in the headers too: the exporter's clock is that of the capture, so that
    NetFlow, which tells times relative to its header, can tell them however old the capture is.
    Raises OSError when the capture cannot be read or a sink cannot take flows.
    """
    path.open("rb").close()  # Python's error names the file
    meter = settings.meter()
    slices = iter(lambda: meter.read(str(path), SLICE_PACKETS), 0)
    if not any("first_packet_time" in meter.counters() for _ in slices):
        return Metered(meter.counters(), 0)
    boot_time = boot_time_before(meter.counters()["first_packet_time"])
    with ExitStack() as stack:
        sinks = [stack.enter_context(opener(boot_time)) for opener in openers]
        _export(meter, sinks)
        for _ in slices:
            _export(meter, sinks)
        _export(meter, sinks, everything=True)
    return Metered(meter.counters(), sum(sink.datagrams for sink in sinks))


def boot_time_before(first: int) -> int:
    """When to say that the exporter booted, given the time of its first packet.

    A whole second, so that no millisecond is rounded when times are told as uptime.
    """
    return first // SECOND * SECOND - UPTIME_AT_START


def _export(meter: Meter, sinks: Sequence[Sink], *, everything: bool = False) -> None:
    for batch in meter.drain(everything=everything):
        export_time = meter.counters()["last_packet_time"]
        for sink in sinks:
            sink.send(batch, export_time)
