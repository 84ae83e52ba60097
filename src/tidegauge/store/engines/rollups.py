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
ARRIVALS = "received"


def rolled_sql(
    table: str,
    rollups: Sequence[Rollup],
    since: int | None,
    until: int | None,
    columns: Sequence[str],
    where: str = "",
) -> str:
    """A SELECT of the groups of a table, by ``columns``: ``bytes``, ``packets``, ``flows`` and ``clamped``.

    Columns are those of ``flows``: the field of the table, exporter and observation domain; ``where`` is a
    condition over them. The table ``minutes`` has a ``minute`` besides, ``received`` only the number of one.
    Of the flows that lived in the range each counts once: where minutes are told apart, as nanoseconds in
    ``minute``, in the one it began in, or at the begin of the range. The range ends at full minutes or hours,
    or where no flow lives any more.
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
    told = {"minute": _minute(table)} if table in (MINUTES, ARRIVALS) else {table: _told(table)}
    names = [*columns, *(("minute",) if "minute" in told else ())]
    begun, clamped = (_flows(name, first) for name in ("", "clamped_"))
    sums = [_sum(number, name, rollups) for number, name in enumerate(("bytes", "packets"))]
    keys = [key for name in names for key in (told[name][1] if name in told else (name,))]
    counted = ", ".join([*keys, *sums, f"{begun} AS flows", f"{clamped} AS clamped"])
    files = files_sql([rollup.path for rollup in rollups])
    if where:
        beside = ", ".join(f"{sql} AS {name}" for name, (sql, _) in told.items() if name != "exporter")
        files = f"(SELECT *{', ' if beside else ''}{beside} FROM {files})"  # noqa: S608 -- our own words
        conditions.append(where)
    rows = f"SELECT {counted} FROM {files} WHERE {' AND '.join(conditions)} GROUP BY {', '.join(keys)}"  # noqa: S608 -- our own words
    shown = [f"{told[name][0]} AS {name}" if name in told else name for name in names]
    return f"SELECT {', '.join([*shown, 'bytes', 'packets', 'flows', 'clamped'])} FROM ({rows})"  # noqa: S608 -- our own words


def _minute(table: str) -> tuple[str, tuple[str, ...]]:
    """What a minute is shown as, and the columns that tell it."""
    if table == MINUTES:
        return f"CAST(stretch AS BIGINT) * {span_of(table)}", ("stretch",)
    return "low", ("low",)


def _told(table: str) -> tuple[str, tuple[str, ...]]:
    """What the field of a table is shown as, and the columns that tell it."""
    if table == "exporter":
        return table, (table,)
    sql_type = LAKE["flows"][table]
    if sql_type == "UUID":
        return "CAST((CAST(high AS UHUGEINT) << 64) | low AS UUID)", ("high", "low")
    return f"CAST(low AS {sql_type})", ("low",)


def _flows(prefix: str, first: int | None) -> str:
    """The flows that began in the range, and those that lived at its begin."""
    entered = "" if first is None else f" + CASE WHEN stretch = {first} THEN {prefix}entered ELSE 0 END"
    return f"CAST(sum({prefix}begun{entered}) AS BIGINT)"


def _sum(number: int, name: str, rollups: Sequence[Rollup]) -> str:
    if sum(rollup.sums[number] for rollup in rollups) < _LIMIT:
        # Half the work of a sum in 128 bits. No test for an overflow: there is none.
        return f"sum_no_overflow(CAST({name} AS BIGINT)) AS {name}"
    return f"sum({name}) AS {name}"
