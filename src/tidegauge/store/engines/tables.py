"""The columns of the lake's tables, for a lake that holds no file of them yet."""

from __future__ import annotations

import re

from tidegauge.flow.fields import FIELDS
from tidegauge.store.ledger_file import LEDGER_COLUMNS

_ELEMENTS = "STRUCT(element VARCHAR, value VARCHAR, raw BLOB)[]"

TABLES = {
    "flows": {field.name: field.sql_type for field in FIELDS if not field.is_derived},
    "options": {
        "received": "TIMESTAMPTZ_NS",
        "exporter": "UUID",
        "observation_domain": "UINTEGER",
        "protocol_version": "VARCHAR",
        "template_id": "USMALLINT",
        "scope": _ELEMENTS,
        "other": _ELEMENTS,
    },
    "sightings": {
        "received": "TIMESTAMPTZ_NS",
        "exporter": "UUID",
        "observation_domain": "UINTEGER",
        "protocol_version": "VARCHAR",
        "clock": "VARCHAR",
        "ahead_at": "TIMESTAMPTZ_NS",
        "ahead": "BIGINT",
        "behind_at": "TIMESTAMPTZ_NS",
        "behind": "BIGINT",
        "headers": "UINTEGER",
        "quantum": "BIGINT",
    },
    "ledger": LEDGER_COLUMNS,
}

COLUMN_OF_FLOWS = re.compile("|".join(rf"\b{name}\b" for name in TABLES["flows"]))
"""The name of a column of flows, wherever SQL speaks of one."""


def empty_table(table: str) -> str:
    """A SELECT with the columns of ``table`` and no rows."""
    columns = ", ".join(f'CAST(NULL AS {sql_type}) AS "{name}"' for name, sql_type in TABLES[table].items())
    return f"SELECT {columns} WHERE FALSE"
