"""Verbatim records: every element as it stood on the wire, for ``tidegauge decode``."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.addresses import text_from_address
from tidegauge.store.batch_rows import batch_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegauge.receiving.capture import Batch, CaptureReader

_COLUMNS = ("received", "exporter", "observation_domain", "protocol_version", "template_id")
_KINDS = {"flows": "flow", "options": "options"}


def verbatim_records(reader: CaptureReader) -> Iterator[dict[str, Any]]:
    """Yield one dict for each data record of a reader made with ``verbatim``.

    Flow and options records come merged by arrival; within one kind the order is that of the wire.
    Elements may repeat. Options records list their scope first, marked.
    """
    for batches in reader.batches():
        kinds = [_records(batches, table) for table in ("options", "flows")]
        for _, record in heapq.merge(*kinds, key=lambda each: each[0]):
            yield record


def _records(batches: Sequence[Batch], table: str) -> Iterator[tuple[int, dict[str, Any]]]:
    columns = (*_COLUMNS, "scope", "other") if table == "options" else (*_COLUMNS, "other")
    for batch in batches:
        if batch.table == table:
            for row in batch_rows(batch, columns):
                yield row[0], _record(table, dict(zip(columns, row, strict=True)))


def _record(table: str, row: dict[str, Any]) -> dict[str, Any]:
    scope = [{**_element(each), "scope": True} for each in row.get("scope") or ()]
    return {
        "received": text_from_instant(row["received"]),
        "exporter": _address_text(row["exporter"]),
        "observation_domain": row["observation_domain"],
        "protocol_version": row["protocol_version"],
        "template_id": row["template_id"],
        "kind": _KINDS[table],
        "elements": [*scope, *map(_element, row["other"] or ())],
    }


def _element(found: dict[str, Any]) -> dict[str, Any]:
    raw = found["raw"]
    return {"element": found["element"], "value": found["value"], "raw": None if raw is None else raw.hex()}


def _address_text(address: UUID | None) -> str | None:
    return None if address is None else text_from_address(address.bytes)
