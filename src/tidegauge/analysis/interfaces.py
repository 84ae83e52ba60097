"""Interfaces: what exporters call theirs and how fast they are, told in options records or when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tidegauge.store.engines.duckdb import Engine

# Interfaces are as they were when the range ended: indexes move to others, and speeds are negotiated anew.
# What came first after it counts where nothing came before: tables follow a restart by some minutes.
_WAS_BEFORE = "received < CAST(make_timestamp_ns(CAST($until AS BIGINT)) AS TIMESTAMPTZ_NS)"


def _told(name: str) -> str:
    return f"coalesce(arg_max({name}, received) FILTER (WHERE {_WAS_BEFORE}), arg_min({name}, received))"


# The index stands in the scope or beside the name, under several names.
_OPTIONS = f"""
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
SELECT CAST(exporter AS BLOB), indexes[1] AS index,
    {_told("names[1]")}, {_told("descriptions[1]")}
FROM named WHERE index > 0 AND coalesce(names[1], descriptions[1]) IS NOT NULL GROUP BY exporter, index"""

_COUNTERS = f"""
SELECT CAST(exporter AS BLOB), interface, arg_max(name, received), arg_max(description, received),
    arg_max(speed, received)
FROM counters WHERE {_WAS_BEFORE}
GROUP BY exporter, interface"""


class Interface(NamedTuple):
    """What one is called, empty where the exporter did not say, and its speed in bits per second."""

    name: str
    description: str
    speed: int | None = None


def interfaces(engine: Engine, until: int) -> dict[tuple[bytes, int], Interface]:
    """Names from options records as they were at ``until``, by exporter (16 bytes) and SNMP index."""
    return {
        (exporter, index): Interface(name or "", description or "")
        for exporter, index, name, description in engine.rows(_OPTIONS, {"until": until})
    }


def counted_interfaces(engine: Engine, until: int) -> dict[tuple[bytes, int], Interface]:
    """What interfaces said of themselves with their counters before ``until``, by the same key.

    Inside ``samples_seen``.
    """
    return {
        (exporter, index): Interface(name or "", description or "", speed)
        for exporter, index, name, description, speed in engine.rows(_COUNTERS, {"until": until})
    }


def joined(
    told: dict[tuple[bytes, int], Interface], counted: dict[tuple[bytes, int], Interface]
) -> dict[tuple[bytes, int], Interface]:
    """Both together; what an interface says of itself fills in what options records left out."""
    nothing = Interface("", "")
    found = {}
    for key in told.keys() | counted.keys():
        first, second = told.get(key, nothing), counted.get(key, nothing)
        found[key] = Interface(
            first.name or second.name, first.description or second.description, second.speed
        )
    return found
