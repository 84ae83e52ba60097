"""The live probe: meters what passes interfaces of this machine, and exports the flows."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from tidegauge.metering.capability import missing_capability
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.exporting import open_exporter
from tidegauge.metering.probe import Metered, boot_time_before
from tidegauge.metering.translations import Translations
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegauge.metering.export_target import Target
    from tidegauge.metering.exporter import Exporter
    from tidegauge.metering.settings import MeterSettings
    from tidegauge.metering.translations import Tell

_log = Log(__name__)


class LiveProbe:
    """Meters from the moment it is entered until it is left; then everything that had passed is exported.

    Flows wait inside until ``export`` is called. A collector that is not there is no reason to end: it
    may come, and what it missed is counted.
    """

    def __init__(
        self,
        interfaces: Sequence[str],
        targets: Sequence[Target],
        settings: MeterSettings,
        clock: Callable[[], int],
        *,
        exporting: ExportSettings | None = None,
        threads: int = 1,
        translations: Tell | None = None,
    ) -> None:
        self._interfaces = interfaces
        self._targets = targets
        self._exporting = exporting or ExportSettings()
        self._clock = clock
        self._clock_offset = 0
        self._threads = threads
        self._settings = settings
        self._meter = settings.meter()
        self._tell = translations
        self._translations: Translations | None = None
        self._exporters: list[Exporter] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Listen; raises OSError where there is no such interface or the right to listen is missing."""
        boot_time = boot_time_before(self._now())
        with ExitStack() as stack:
            self._exporters = [stack.enter_context(self._open(target, boot_time)) for target in self._targets]
            for exporter in self._exporters:
                exporter.announce_sampling(self._settings)
            if self._tell:
                self._translations = Translations(self._meter, self._tell)
            for interface in self._interfaces:
                self._listen(interface)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self._export(everything=True)

    def set_clock_offset(self, offset: int) -> None:
        """Tell times by a clock that is so many nanoseconds ahead from now on, in records and in headers.

        It is how an exporter with a wrong clock is had without one.
        """
        self._clock_offset = offset
        self._meter.set_clock_offset(offset)

    def export(self) -> None:
        """Send the flows that ended since the last call."""
        self._export()

    def is_deaf(self) -> bool:
        """Whether every interface was removed, so that nothing can come any more."""
        listening = len(self._interfaces) * self._threads
        return 0 < listening == self._meter.counters()["lost_interfaces"]

    def metered(self) -> Metered:
        """What was done so far."""
        return Metered(
            self._meter.counters(),
            sum(exporter.datagrams for exporter in self._exporters),
            sum(exporter.refusals for exporter in self._exporters),
            sum(exporter.lost_flows for exporter in self._exporters),
        )

    def _now(self) -> int:
        return self._clock() + self._clock_offset

    def _open(self, target: Target, boot_time: int) -> Exporter:
        return open_exporter(target, self._exporting, boot_time=boot_time, is_patient=True, clock=self._now)

    def _listen(self, interface: str) -> None:
        try:
            self._meter.listen(interface, threads=self._threads)
        except PermissionError as error:
            remedies = missing_capability("CAP_NET_RAW")
            raise PermissionError(f"cannot listen at {interface}: {remedies}") from error
        except OSError as error:
            raise OSError(f"cannot listen at {interface}: {error}") from error
        for exporter in self._exporters:
            exporter.announce_interface(socket.if_nametoindex(interface), interface)

    def _export(self, *, everything: bool = False) -> None:
        refusals, ignored = self.metered().refusals, self._meter.counters()["kernel_dropped"]
        if self._translations:
            self._translations.tell_gaps()
        for batch in self._meter.drain(everything=everything):
            for exporter in self._exporters:
                exporter.announce_ignored(ignored)
                exporter.send(batch, self._now())
        if self.metered().refusals > refusals:
            _log.warning("a collector does not listen; its flows are lost", datagrams=self.metered().refusals)
