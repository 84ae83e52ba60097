"""Interfaces: what exporters call theirs, told in options records now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tidegauge.store.engines.duckdb import Engine

# The index stands in the scope or beside the name, under several names; the newest record counts.
_SQL = """
WITH told AS (
    SELECT received, exporter, list_concat(scope, other) AS elements FROM options
), named AS (
    SELECT received, exporter,
        [TRY_CAST(element.value AS UINTEGER) FOR element IN elements
         IF element.element IN ('ingressInterface', 'egressInterface', 'interface')] AS indexes,
        [element.value FOR element IN elements IF element.element = 'interfaceName'] AS names,
        [element.value FOR element IN elements IF element.element = 'interfaceDescription'] AS descriptions
    FROM told
)
SELECT CAST(exporter AS BLOB), indexes[1] AS index, arg_max(names[1], received),
    arg_max(descriptions[1], received)
FROM named WHERE index > 0 AND len(names) + len(descriptions) > 0 GROUP BY exporter, index"""


class Interface(NamedTuple):
    """What one is called; empty where the exporter did not say."""

    name: str
    description: str


def interfaces(engine: Engine) -> dict[tuple[bytes, int], Interface]:
    """Names by exporter (16 bytes) and SNMP index."""
    return {
        (exporter, index): Interface(name or "", description or "")
        for exporter, index, name, description in engine.rows(_SQL)
    }
