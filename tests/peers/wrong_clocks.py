"""Exporters with wrong clocks on one interface, as a process: each meters all that passes by its own clock.

Given are an interface, the port of a collector on loopback, and for each exporter what its clock is ahead:
``OFFSET`` or ``OFFSET,AFTER:OFFSET`` in seconds. Their observation domains are 1, 2, … in that order.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from tidegauge.app.stop_signals import StopSignals
from tidegauge.metering.datagram_exporter import DatagramExporter
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.settings import MeterSettings

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
SETTINGS = MeterSettings(active_timeout_seconds=10, idle_timeout_seconds=2)


class Clocked:
    """A meter and its exporter."""

    def __init__(self, interface: str, port: int, domain: int, clock: str) -> None:
        first, _, step = clock.partition(",")
        self._offset = round(float(first) * SECOND)
        self._step = [float(word) for word in step.split(":")] if step else []
        self._began = time.time_ns()
        self._meter = SETTINGS.meter()
        self._meter.listen(interface)
        self._meter.set_clock_offset(self._offset)
        target = ExportTarget("ipfix", "127.0.0.1", port)
        boot_time = self._began + self._offset - DAY
        self.exporter = DatagramExporter(
            target, ExportSettings(), observation_domain=domain, boot_time=boot_time
        )

    def export(self, *, everything: bool = False) -> None:
        """Set the clock when its time has come, and send what ended."""
        if self._step and time.time_ns() - self._began > self._step[0] * SECOND:
            self._offset = round(self._step[1] * SECOND)
            self._meter.set_clock_offset(self._offset)
            self._step = []
        for batch in self._meter.drain(everything=everything):
            self.exporter.send(batch, time.time_ns() + self._offset)


def main(interface: str, port: str, clocks: Sequence[str]) -> None:
    """Meter until SIGTERM."""
    with StopSignals() as signals, ExitStack() as stack:
        clocked = [Clocked(interface, int(port), number, clock) for number, clock in enumerate(clocks, 1)]
        for each in clocked:
            stack.enter_context(each.exporter)
        print("metering", flush=True)
        while not signals.arrived_within(0.1):
            for each in clocked:
                each.export()
        for each in clocked:
            each.export(everything=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
