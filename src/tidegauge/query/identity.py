"""Identity: by what names addresses were known, and from when to when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.addresses import uuid_text
from tidegauge.query.parameters import Parameters
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = (
    Column("name", "text"),
    Column("address", "address"),
    Column("detail", "text"),
    Column("since", "instant"),
    Column("until", "instant"),
)
NEEDS = ("src_holder", "far_host")
_OPEN = 2**62
"""Further from 1970 than any name can be: an end that nobody knows."""


def identity(held: Sequence[tuple[bytes, int, int]]) -> Statement:
    """Rows of ``COLUMNS``: who and what held these addresses (16 bytes) at some moment of these spans.

    ``detail`` says what the name is of and who said so. An end nobody knows is null. By address and time.
    """
    parameters = Parameters()
    spans = ["SELECT CAST(NULL AS UUID) AS address, 0 AS first, 0 AS last WHERE FALSE"]
    for address, first, last in held:
        uuid = parameters.add(uuid_text(int.from_bytes(address, "big")))
        spans.append(f"SELECT CAST({uuid} AS UUID), {parameters.add(first)}, {parameters.add(last)}")
    named = " UNION ALL ".join(
        f"SELECT address, since, until, {name} AS name, '{kind}' AS kind, source, {pinned} AS is_pinned "
        f"FROM {relation} WHERE {name} IS NOT NULL"
        for relation, name, kind, pinned in (
            ("holders", "person", "person", "is_pinned"),
            ("holders", "machine", "machine", "is_pinned"),
            ("holders", "team", "team", "is_pinned"),
            ("hosts", "name", "host", "FALSE"),
        )
    )
    sql = f"""
        WITH span AS ({" UNION ALL ".join(spans)}), named AS ({named})
        SELECT DISTINCT name, CAST(span.address AS BLOB),
            kind || ', ' || CASE WHEN is_pinned THEN 'pinned' ELSE source END,
            CASE WHEN abs(CAST(since AS HUGEINT)) < {_OPEN} THEN since END AS since,
            CASE WHEN abs(CAST(until AS HUGEINT)) < {_OPEN} THEN until END AS until
        FROM span JOIN named ON named.address = span.address
            AND named.since <= span.last AND named.until > span.first
        ORDER BY 2, since NULLS FIRST, 3, name"""
    return Statement(sql, parameters.values, COLUMNS, NEEDS)
