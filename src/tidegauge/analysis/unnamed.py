"""Addresses that nobody has named: what reverse DNS may be asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.reading import Reading
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_FAR = "CASE WHEN near_is_source(src_addr, dst_addr, src_port, dst_port) THEN dst_addr ELSE src_addr END"
_SQL = f"""
    SELECT CAST(far AS BLOB) FROM (
      SELECT {_FAR} AS far, sum(bytes) AS amount FROM flows
      WHERE ($since IS NULL OR epoch_ns("end") >= $since) AND ($until IS NULL OR epoch_ns(start) < $until)
      GROUP BY far)
    WHERE far IS NOT NULL AND NOT EXISTS (FROM hosts WHERE hosts.address = far)
      AND NOT EXISTS (FROM sites WHERE sites.address = far)
    ORDER BY amount DESC NULLS LAST, far LIMIT $limit"""


def unnamed_addresses(lake: Lake, query: Query, now: int, limit: int) -> list[bytes]:
    """The far ends, 16 bytes each, that have no name yet, those with most bytes first."""
    with Reading(lake, query, now) as reading:
        values = {"since": reading.time_range.since, "until": reading.time_range.until, "limit": limit}
        statement = Statement(
            _SQL, {**values}, (Column("far", "address"),), lookups=("client_site", "far_host")
        )
        return [address for (address,) in reading.tuples(statement)]
