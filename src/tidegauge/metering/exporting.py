"""The exporter for a target: over UDP, over a connection, or into a file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tidegauge.metering.datagram_exporter import DatagramExporter
from tidegauge.metering.export_target import FileTarget
from tidegauge.metering.file_exporter import FileExporter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.metering.export_settings import ExportSettings
    from tidegauge.metering.export_target import Target
    from tidegauge.metering.exporter import Exporter
    from tidegauge.metering.settings import MeterSettings
    from tidegauge.metering.sink import SinkOpener


def open_exporter(
    target: Target,
    settings: ExportSettings,
    *,
    boot_time: int,
    is_patient: bool = False,
    clock: Callable[[], int] = time.time_ns,
) -> Exporter:
    """Open it; raises OSError. A patient one goes on where a collector is away."""
    domain = settings.observation_domain
    if isinstance(target, FileTarget):
        return FileExporter(target.path, observation_domain=domain, boot_time=boot_time)
    if target.transport == "udp":
        return DatagramExporter(
            target, settings, observation_domain=domain, boot_time=boot_time, is_patient=is_patient
        )
    from tidegauge.metering.stream_exporter import StreamExporter  # noqa: PLC0415 (TLS takes long to load)

    return StreamExporter(
        target, settings, observation_domain=domain, boot_time=boot_time, is_patient=is_patient, clock=clock
    )


def opener(target: Target, settings: ExportSettings, meter: MeterSettings) -> SinkOpener:
    """How to open an exporter of what a meter counts in a capture, once it is known when it booted."""

    def opened(boot_time: int) -> Exporter:
        exporter = open_exporter(target, settings, boot_time=boot_time)
        exporter.announce_sampling(meter)
        return exporter

    return opened
