"""The ledger as questions see it: what files tell, what older releases did not count, and what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.store.counters_map import COUNTER_NAMES
from tidegauge.store.engines.tables import empty_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from tidegauge.store.ledger_file import LedgerRow
    from tidegauge.store.segment import Segment

OWED = "owed"
"""The relation of what killed writers still owe the ledger."""

MOST_STANDING = 10_000
"""A ledger of no more rows stands in one table, of some megabytes: most of what it is asked is planning."""

# What an older release did not count, it counted nothing of.
_COUNTED = ", ".join(f"coalesce({name}, 0)::UBIGINT AS {name}" for name in COUNTER_NAMES)


def counted(rows: str) -> str:
    """A SELECT of rows of the ledger in which every counter is a number."""
    return f"SELECT * REPLACE ({_COUNTED}) FROM ({rows})"  # noqa: S608 (names of ours)


def may_stand(segments: Iterable[Segment]) -> bool:
    """Whether the ledger is worth a copy of its own; files of a tail have few rows, and tell not how many."""
    return sum(segment.rows for segment in segments) <= MOST_STANDING


def make_owed(connection: duckdb.DuckDBPyConnection, owed: Iterable[LedgerRow]) -> None:
    """Make the relation of what is owed."""
    connection.execute(f"CREATE TEMP TABLE {OWED} AS {empty_table('ledger')}")
    for row in owed:
        values = {**row.key._asdict(), **row.counters, "writer": row.writer_id}
        places = ", ".join(f"${name}" for name in values)
        connection.execute(
            f"INSERT INTO {OWED} (minute, last_received, {', '.join(values)}) "
            f"SELECT make_timestamp_ns($at), make_timestamp_ns($at), {places}",
            {**values, "at": row.minute},
        )
