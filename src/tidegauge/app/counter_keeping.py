"""Keeping what sFlow agents count at their interfaces, beside the flows it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.exporters.sflow_counters import SOURCE, sample
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegauge.flow.interface_sample import InterfaceSample
    from tidegauge.receiving.listener import Batch
    from tidegauge.store.lake import Lake

GATHER = 30 * 10**9
"""Nanoseconds that samples wait for more of them: a file for each would cost more than they do."""
GATHER_SAMPLES = 10_000

_log = Log(__name__)


class CounterKeeping:
    """Finds interface counters in what was received and writes them to the lake; ``kept`` counts them.

    Counters are running totals: a sample that cannot be stored costs a moment and no bytes, so it is logged
    and given up.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._waiting: list[InterfaceSample] = []
        self.kept = 0

    def keep(self, batches: Iterable[Batch]) -> None:
        """Keep what these batches tell, and store it once enough has gathered."""
        for batch in batches:
            if batch.table == "options" and len(batch):
                self._gather(batch)
        if self._waiting and self._is_due():
            self.finish()

    def finish(self) -> None:
        """Store what waits."""
        samples, self._waiting = self._waiting, []
        if not samples:
            return
        try:
            from tidegauge.store.interface_samples import append  # noqa: PLC0415 (the database takes time to load)

            self._lake.space.require_room()
            self.kept += append(self._lake, samples, samples[-1].received)
        except Exception as error:  # noqa: BLE001 -- receiving flows must outlive whatever went wrong here
            _log.error("interface counters could not be stored", error, samples=len(samples))

    def _gather(self, batch: Batch) -> None:
        try:
            self._waiting += _samples(batch)
        except Exception as error:  # noqa: BLE001 -- as above
            _log.error("interface counters could not be read", error, rows=len(batch))

    def _is_due(self) -> bool:
        passed = self._waiting[-1].received - self._waiting[0].received
        return passed >= GATHER or len(self._waiting) >= GATHER_SAMPLES


def _samples(batch: Batch) -> Iterator[InterfaceSample]:
    from tidegauge.store.batch_rows import batch_rows  # noqa: PLC0415 (the database, as above)

    rows = batch_rows(batch, ("received", "exporter", "other"), f"protocol_version = '{SOURCE}'")
    for received, exporter, other in rows:
        elements = {each["element"]: each["value"] for each in other or ()}
        found = sample(elements, exporter.bytes, received)
        if found is not None:
            yield found
