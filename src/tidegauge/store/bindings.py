"""Bindings in the lake: a set of rows in ``names/``."""

from __future__ import annotations

from tidegauge.store.row_set import RowSet

BINDING_COLUMNS = {
    "kind": "VARCHAR",
    "address": "UUID",
    "client": "UUID",
    "name": "VARCHAR",
    "since": "BIGINT",
    "until": "BIGINT",
    "source": "VARCHAR",
    "confidence": "UTINYINT",
    "is_pinned": "BOOLEAN",
}

_BINDINGS = RowSet("names", "bindings", BINDING_COLUMNS, "kind, client, address, since")
append, bindings_seen = _BINDINGS.append, _BINDINGS.seen
