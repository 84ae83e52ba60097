"""The ends of time: those of many flows that may be the first or the last ones, put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.correction import corrected
from tidegauge.query.parameters import Parameters
from tidegauge.query.source import RAW_LIFE, lifetime
from tidegauge.query.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.clock.timerange import TimeRange

# One by one, so that blocks in which no flow is so early or so late are known by their statistics.
_PLACED = ("start", '"end"', "received")
_UNTOLD = ("", "start IS NULL AND ", 'start IS NULL AND "end" IS NULL AND ')


def at_ends(exporters: Iterable[bytes], told: TimeRange) -> str:
    """A SELECT of the flows ``reported``, put right, that told a begin until one end or one from the other.

    Some of these flows are there twice. Where an end is None nothing is known of it, and all flows are there.
    """
    sql, first, last = corrected(exporters), told.since, told.until
    if first is None or last is None:
        return sql
    early = [f"{untold}{name} <= {_instant(first)}" for untold, name in zip(_UNTOLD, _PLACED, strict=True)]
    late = [f"{name} >= {_instant(last)}" for name in _PLACED[:2]]
    late.append(f"{_UNTOLD[2]}received >= {_instant(last)}")
    chosen = " UNION ALL ".join(f"SELECT * FROM reported WHERE {where}" for where in (*early, *late))
    return sql.replace("FROM reported", f"FROM ({chosen}) AS reported")


def span(relation: str) -> Statement:
    """One row of the flows of a relation: the first start and the last end."""
    parameters = Parameters()
    lived = f"SELECT *, {lifetime(parameters)} FROM (SELECT {RAW_LIFE} FROM {relation})"
    sql = f"SELECT min(lived_from), max(lived_to) FROM ({lived})"
    return Statement(sql, parameters.values, ())


def _instant(nanoseconds: int) -> str:
    return f"CAST(make_timestamp_ns({nanoseconds:d}) AS TIMESTAMPTZ_NS)"
