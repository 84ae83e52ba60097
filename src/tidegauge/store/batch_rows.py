"""Rows of a batch as Python values, for the few places that look at single records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegauge._core import Batch

_CHUNK = 1024


def batch_rows(batch: Batch, columns: Sequence[str], where: str = "TRUE") -> Iterator[tuple[Any, ...]]:
    """Yield the named columns row by row, in the order of the wire; ``where`` is SQL of ours.

    Instants come as nanoseconds since 1970, addresses as ``uuid.UUID``, lists of elements as lists of
    dicts with ``element``, ``value`` and ``raw``.
    """
    connection = duckdb.connect(config={"threads": 1})
    try:
        connection.register("batch", batch)
        types = {name: kind for name, kind, *_ in connection.execute("DESCRIBE batch").fetchall()}
        # Python's datetime has no nanoseconds.
        selected = [f'epoch_ns("{name}")' if "TIMESTAMP" in types[name] else f'"{name}"' for name in columns]
        query = f"SELECT {', '.join(selected)} FROM batch WHERE {where}"  # noqa: S608 -- our own words
        result = connection.execute(query)
        while chunk := result.fetchmany(_CHUNK):
            yield from chunk
        connection.unregister("batch")
    finally:
        connection.close()
