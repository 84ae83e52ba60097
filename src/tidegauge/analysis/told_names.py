"""Told names: what exporters called their interfaces and routing instances (VRF), and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.flattening import newest
from tidegauge.names.timeline import EVER
from tidegauge.query.told_names import INTERFACE, RELATION, VRF

if TYPE_CHECKING:
    from tidegauge.store.engines.duckdb import Engine

_KEYS = ("kind", "told_by", "id")

# The number stands in the scope or beside the name, under several names. A table is sent again and again:
# equal records of a day are one.
_TOLD = f"""
    WITH told AS (
        SELECT min(epoch_ns(received)) AS since, exporter, list_concat(scope, other) AS elements
        FROM options GROUP BY exporter, scope, other, epoch_ns(received) // 86_400_000_000_000
    ), found AS (
        SELECT '{INTERFACE}' AS kind, since, exporter,
            [element.value FOR element IN elements
             IF element.element IN ('ingressInterface', 'egressInterface', 'interface')][1] AS id,
            coalesce(
                [element.value FOR element IN elements
                 IF element.element = 'interfaceName' AND element.value <> ''][1],
                [element.value FOR element IN elements
                 IF element.element = 'interfaceDescription' AND element.value <> ''][1]) AS name
        FROM told
        UNION ALL
        SELECT '{VRF}', since, exporter, unnest(list_distinct(
            [element.value FOR element IN elements IF element.element IN ('ingressVRFID', 'egressVRFID')])),
            [element.value FOR element IN elements IF element.element = 'VRFname' AND element.value <> ''][1]
        FROM told
    )
    SELECT kind, exporter AS told_by, id, since, NULL::BIGINT AS until, name, 'exporter' AS source
    FROM found WHERE id IS NOT NULL AND name IS NOT NULL AND NOT (kind = '{INTERFACE}' AND id = '0')"""

# What a number was called first, it is taken to have been called ever before.
_FIRST = f"row_number() OVER (PARTITION BY {', '.join(_KEYS)} ORDER BY since) = 1"


def make_told_names(engine: Engine) -> None:
    """Create the relation of what exporters told."""
    columns = f"* REPLACE (CASE WHEN {_FIRST} THEN {EVER} ELSE since END AS since)"
    engine.rows(f"CREATE TEMP TABLE {RELATION} AS SELECT {columns} FROM ({newest(_TOLD, _KEYS)})")
