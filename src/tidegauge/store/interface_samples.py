"""Interface counters in the lake: a set of rows in ``counters/``, seen as ``counters``.

Counters are running totals. A file that a crash kept from being written costs the moments in between,
but none of what was counted: the next reading holds it.
"""

from __future__ import annotations

from tidegauge.store.row_set import RowSet

COUNTER_COLUMNS = {
    "received": "TIMESTAMPTZ_NS",
    "exporter": "UUID",
    "interface": "UINTEGER",
    "source": "VARCHAR",
    "counting_since": "TIMESTAMPTZ_NS",
    "counter_bits": "UTINYINT",
    **{
        f"{what}_{side}": "UBIGINT"
        for what in ("octets", "packets", "group_packets", "errors", "discards")
        for side in ("in", "out")
    },
    "speed": "UBIGINT",
    "name": "VARCHAR",
    "description": "VARCHAR",
}

_SAMPLES = RowSet("counters", "counters", COUNTER_COLUMNS, "exporter, interface, received")
append, samples_seen = _SAMPLES.append, _SAMPLES.seen
