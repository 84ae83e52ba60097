"""Keeping the DNS answers that exporters tell of as names, beside the flows they explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.names.repeats import Repeats
from tidegauge.names.told_answer import binding_of_record
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.receiving.listener import Batch
    from tidegauge.store.lake import Lake

_log = Log(__name__)


class AnswerKeeping:
    """Finds answers in what was received and writes them to the lake; ``kept`` counts them.

    A name is worth less than the flows it comes with: one that cannot be stored is logged and given up.
    """

    def __init__(self, lake: Lake, shift: int = 0) -> None:
        """``shift`` is added to the times that exporters say, as it is to those of their flows."""
        self._lake = lake
        self._shift = shift
        self._repeats = Repeats()
        self.kept = 0

    def keep(self, batches: Iterable[Batch]) -> None:
        """Keep what these batches tell."""
        for batch in batches:
            if batch.table == "options" and len(batch):
                self._keep(batch)

    def _keep(self, batch: Batch) -> None:
        try:
            # The database takes a tenth of a second to load: for collectors that are told answers.
            from tidegauge.store.bindings import append  # noqa: PLC0415

            found = [binding for binding in _answers(batch, self._shift) if not self._repeats.is_one(binding)]
            if found:
                self.kept += append(self._lake, found, found[-1].since)
        except Exception as error:  # noqa: BLE001 -- receiving flows must outlive whatever went wrong here
            _log.error("names that exporters told could not be stored", error, rows=len(batch))


def _answers(batch: Batch, shift: int) -> Iterator[Binding]:
    from tidegauge.store.batch_rows import batch_rows  # noqa: PLC0415 (the database, as above)

    for scope, other in batch_rows(batch, ("scope", "other")):
        elements = {each["element"]: bytes(each["raw"]) for each in (*(scope or ()), *(other or ()))}
        binding = binding_of_record(elements, shift)
        if binding is not None:
            yield binding
