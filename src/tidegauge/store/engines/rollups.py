"""Rollups as SQL: what their rows come to, in a range of whole hours or minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.store.engines.database import files_sql
from tidegauge.store.engines.tables import TABLES as LAKE
from tidegauge.store.segment import MINUTES, ROLLED_TABLES, span_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.store.segment import Rollup

_LIMIT = 2**63
_POINT = ("exporter", "observation_domain")


def rolled_sql(table: str, rollups: Sequence[Rollup], since: int | None, until: int | None) -> str:
    """A SELECT of the groups of a table: its field, and ``bytes``, ``packets``, ``flows`` and ``clamped``.

    The tables ``minutes`` and ``exporter`` have exporter and observation domain for a field, ``received``
    has the number of a ``minute``. Of the flows that lived in the range each counts once: where minutes are
    told apart, as nanoseconds in ``minute``, in the one it began in, or at the begin of the range. The range
    ends at full minutes or hours, or where no flow lives any more.
    """
    span = span_of(table)
    first = None if since is None else since // span
    conditions = [f"part = {ROLLED_TABLES.index(table)}"]
    if first is not None:
        conditions.append(f"stretch >= {first}")
    if until is not None:
        conditions.append(f"stretch < {-(-until // span)}")
    if table == MINUTES:
        # A flow that ended just when a minute began is there for a range that begins with it.
        conditions.append("low IS NULL" if first is None else f"(low IS NULL OR stretch = {first})")
    keys = _keys(table)
    begun, clamped = (_flows(name, first) for name in ("", "clamped_"))
    sums = [_sum(number, name, rollups) for number, name in enumerate(("bytes", "packets"))]
    counted = ", ".join([*keys, *sums, f"{begun} AS flows", f"{clamped} AS clamped"])
    files = files_sql([rollup.path for rollup in rollups])
    rows = f"SELECT {counted} FROM {files} WHERE {' AND '.join(conditions)} GROUP BY {', '.join(keys)}"  # noqa: S608 -- our own words
    shown = [*_shown(table), "bytes", "packets", "flows", "clamped"]
    return f"SELECT {', '.join(shown)} FROM ({rows})"  # noqa: S608 -- our own words


def _keys(table: str) -> tuple[str, ...]:
    if table == MINUTES:
        return (*_POINT, "stretch")
    if table == "exporter":
        return _POINT
    return ("high", "low") if LAKE["flows"][table] == "UUID" else ("low",)


def _shown(table: str) -> tuple[str, ...]:
    if table == MINUTES:
        return (*_POINT, f"CAST(stretch AS BIGINT) * {span_of(table)} AS minute")
    if table == "exporter":
        return _POINT
    sql_type = LAKE["flows"][table]
    if sql_type == "UUID":
        return (f"CAST((CAST(high AS UHUGEINT) << 64) | low AS UUID) AS {table}",)
    if table == "received":
        return ("low AS minute",)
    return (f"CAST(low AS {sql_type}) AS {table}",)


def _flows(prefix: str, first: int | None) -> str:
    """The flows that began in the range, and those that lived at its begin."""
    entered = "" if first is None else f" + CASE WHEN stretch = {first} THEN {prefix}entered ELSE 0 END"
    return f"CAST(sum({prefix}begun{entered}) AS BIGINT)"


def _sum(number: int, name: str, rollups: Sequence[Rollup]) -> str:
    if sum(rollup.sums[number] for rollup in rollups) < _LIMIT:
        # Half the work of a sum in 128 bits. No test for an overflow: there is none.
        return f"sum_no_overflow(CAST({name} AS BIGINT)) AS {name}"
    return f"sum({name}) AS {name}"
