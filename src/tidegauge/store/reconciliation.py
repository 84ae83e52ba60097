"""Settling the account of a killed writer: what its receiver counted, minus what its ledger rows say.

The counters map outlives the process, the rows in its memory do not. Whatever the map counts beyond the
ledger was received and is gone: its flow records are ``lost_write``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.store.counters_map import COUNTER_NAMES, CounterSlot, read_counters_map
from tidegauge.store.ledger_file import LedgerRow, ledger_totals
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegauge.store.counters_map import CounterKey
    from tidegauge.store.generation import Generation

_log = Log(__name__)


def unstored(generation: Generation) -> list[LedgerRow]:
    """Ledger rows that dead writers still owe in this view of the lake; nearly always none.

    A question about losses adds these to the ledger's own rows. The next collector or import on the lake
    writes them down for good.
    """
    paths = [segment.path for segment in generation.segments("ledger")]
    return [
        row for found in generation.abandoned for row in outstanding(found.writer_id, found.content, paths)
    ]


def outstanding(writer_id: str, content: bytes, ledger_paths: Sequence[str]) -> list[LedgerRow]:
    """Ledger rows that make a writer's rows add up to the totals of its counters map."""
    try:
        slots = read_counters_map(content)
    except ValueError as error:
        _log.warning("counters of a killed collector are unreadable", writer=writer_id, reason=error)
        return []
    written = ledger_totals(ledger_paths, writer_id)
    rows = [_row(writer_id, slot, written.get(slot.key, {})) for slot in slots]
    return [row for row in rows if any(row.counters.values())]


def is_behind(content: bytes, written: Mapping[CounterKey, Mapping[str, int]]) -> bool:
    """Whether a counters map says less than its writer's ledger: it is what the disk had before a power cut.

    Its totals harm nobody, but its sequence numbers are of before what is stored.
    """
    try:
        counted = {slot.key: slot.counters["records"] for slot in read_counters_map(content)}
    except ValueError:
        return True
    return any(sums["records"] > counted.get(key, 0) for key, sums in written.items())


def _row(writer_id: str, slot: CounterSlot, written: Mapping[str, int]) -> LedgerRow:
    missing = {name: max(0, slot.counters[name] - written.get(name, 0)) for name in COUNTER_NAMES}
    # Decoded too, but accounted for already: dropped before writing, or refused by a full disk.
    accounted = missing["lost_queue"] + missing["lost_write"]
    missing["stored"] = 0
    missing["lost_write"] += max(0, missing["records"] - accounted)
    return LedgerRow(slot.minute, slot.key, writer_id, missing)
