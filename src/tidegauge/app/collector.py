"""The collector: intakes for its listeners, one thread that compacts, and their orderly start and end."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from tidegauge.app.element_watch import FILE_NAME, ElementWatch
from tidegauge.app.intake import Intake, ReceivingSettings
from tidegauge.app.statistics import statistics, told_exporter, written_exporter
from tidegauge.store.errors import LakeError
from tidegauge.store.recovery import recover, remove_orphans, resumable_counters
from tidegauge.store.writer import new_writer_id
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tidegauge.app.copy_keeping import CopyKeeping
    from tidegauge.app.copy_settings import CopySettings
    from tidegauge.app.polling import Polling
    from tidegauge.exporters.element_file import ToldElement
    from tidegauge.receiving.listen_address import ListenAddress
    from tidegauge.store.lake import Lake

COMPACT_SECONDS = 60.0

_log = Log(__name__)


class Collector:
    """Receives flow exports at several addresses and keeps them in one lake.

    ``start`` binds; ``stop`` drains what was received, stores it and leaves no tail. ``clock`` returns
    nanoseconds since 1970. Watch ``failure`` from time to time: a listener that broke does not stop the
    others. Where the lake names SNMP agents, they are polled meanwhile. ``elements_path`` is the
    file that names elements, where that is not in the lake's folder.

    Raises LakeUnreadableError for a wrong file of agents, and ``start`` ElementFileError for one of elements.
    """

    def __init__(
        self,
        lake: Lake,
        addresses: Sequence[ListenAddress],
        clock: Callable[[], int],
        settings: ReceivingSettings | None = None,
        elements_path: Path | None = None,
    ) -> None:
        self._lake = lake
        self._wanted = addresses
        self._settings = settings or ReceivingSettings()
        self._clock = clock
        self._intakes: list[Intake] = []
        self._elements_path = elements_path or lake.path / FILE_NAME
        self._elements: ElementWatch | None = None
        self._stopping = Event()
        self._compacting = Thread(target=self._compact, name="compaction")
        self._polling = _polling(lake, clock)
        self._copies = _copies(lake, self._settings.copies, self._intakes, clock)

    @property
    def addresses(self) -> list[ListenAddress]:
        """Where it really listens: port 0 has become the port that the system chose."""
        return [intake.listener.address for intake in self._intakes]

    @property
    def failure(self) -> Exception | None:
        """The first error that ended a listener, if any did."""
        return next((intake.failure for intake in self._intakes if intake.failure is not None), None)

    def start(self) -> None:
        """Bind every address and begin; raises OSError, with nothing left bound, when one is taken."""
        try:
            for address in self._wanted:
                self._intakes.append(self._open(address))
            self._elements = ElementWatch(self._elements_path, self._name_elements)
        except OSError:
            self._abandon()
            raise
        self._elements.start()
        for intake in self._intakes:
            intake.start()
        self._take_over()
        self._compacting.start()
        if self._polling:
            self._polling.start()
        if self._copies:
            self._copies.start()

    def stop(self) -> None:
        """Stop receiving, store everything received, and settle the accounts.

        Raises the first LakeError or OSError that kept an account from being settled, after the others were.
        """
        if self._elements:
            self._elements.stop()
        for intake in self._intakes:
            intake.stop()
        if self._polling:
            self._polling.stop()
        if self._copies:
            self._copies.stop()
        self._stopping.set()
        self._compacting.join()
        failures: list[Exception] = []
        for intake in self._intakes:
            try:
                intake.close(self._clock())
            except (LakeError, OSError) as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def statistics(self, *, is_written: bool = False) -> dict[str, Any]:
        """What was received, stored and lost since the start, as ``--stats-json`` writes it.

        With ``is_written`` its exporters are JSON already.
        """
        found = statistics(self._intakes, written_exporter if is_written else told_exporter)
        return found | {"agents": self._polling.statistics()} if self._polling else found

    def _open(self, address: ListenAddress) -> Intake:
        role = (
            f"collect-{address.port}"
            if address.transport == "udp"
            else f"collect-{address.transport}-{address.port}"
        )
        with resumable_counters(self._lake, f"{role}-") as resume_path:
            return Intake(
                self._lake,
                address,
                new_writer_id(role),
                self._clock(),
                resume_path=resume_path,
                settings=self._settings,
            )

    def _name_elements(self, elements: Sequence[ToldElement]) -> None:
        for intake in self._intakes:
            intake.listener.name_elements(elements)

    def _take_over(self) -> None:
        """Settle what earlier collectors left. That may fail: not receiving would cost more."""
        try:
            recover(self._lake, self._clock())
            remove_orphans(self._lake)
        except Exception as error:  # noqa: BLE001 -- the compaction tries again every minute
            _log.error("what earlier collectors left cannot be taken over", error)

    def _abandon(self) -> None:
        for intake in self._intakes:
            intake.listener.close()
            intake.writer.abandon()
        self._intakes.clear()

    def _compact(self) -> None:
        while not self._stopping.wait(COMPACT_SECONDS):
            for intake in self._intakes:
                try:
                    intake.writer.compact(self._clock())
                except Exception as error:  # noqa: BLE001 -- the tail grows meanwhile, and the next minute tries again
                    _log.error("compaction failed", error, writer=intake.writer.writer_id)


def _copies(
    lake: Lake, settings: CopySettings, intakes: Sequence[Intake], clock: Callable[[], int]
) -> CopyKeeping | None:
    """Loaded only where something is to be copied, as below."""
    if not settings.is_wanted:
        return None
    from tidegauge.app.copy_keeping import CopyKeeping  # noqa: PLC0415

    return CopyKeeping(lake, settings, intakes, clock)


def _polling(lake: Lake, clock: Callable[[], int]) -> Polling | None:
    """Loaded only where there is somebody to poll: the rest of a collector starts several times as fast."""
    if not (lake.path / "snmp.toml").exists():
        return None
    from tidegauge.app.agents_file import agents_of  # noqa: PLC0415
    from tidegauge.app.polling import Polling  # noqa: PLC0415

    agents = agents_of(lake)
    return Polling(lake, agents, clock) if agents else None
