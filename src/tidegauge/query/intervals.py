"""Sessions: the times somebody was busy, as the union of the lives of many flows.

A browser opens and closes dozens of flows while a person reads one page, so pauses shorter than
``PAUSE`` belong to the session. Flows overlap, and none is counted twice: a session lasts from
the begin of its first flow to the end of its last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PAUSE = 300_000_000_000
"""Nanoseconds without a flow that end a session: five minutes."""


def unions(spans: str, keys: Sequence[str] = ()) -> str:
    """A SELECT of ``keys``, ``sessions`` and ``in_use``, the nanoseconds of all sessions together.

    ``spans`` is a relation with the keys and ``begun`` and ``ended`` in nanoseconds, already cut to the
    range asked about; a moment without length is a session of length 0. Without keys there is one row,
    also for no spans at all.
    """
    group = ", ".join(keys)
    reach = f"""max(ended) OVER ({f"PARTITION BY {group}" if group else ""}
            ORDER BY begun ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"""
    # A broken clock may put two flows further apart than 64 bits of nanoseconds reach.
    paused = f"SELECT *, CAST(begun AS HUGEINT) - {reach} AS pause FROM {spans}"
    # Each long pause splits a session in two, and only it is no use; this needs no row for each session.
    pauses = f"coalesce(sum(pause) FILTER (WHERE pause >= {PAUSE}), 0)"
    selected = ", ".join(
        [
            *keys,
            f"count(*) FILTER (WHERE pause IS NULL OR pause >= {PAUSE}) AS sessions",
            f"CAST(CAST(max(ended) AS HUGEINT) - min(begun) - {pauses} AS BIGINT) AS in_use",
        ]
    )
    grouping = f" GROUP BY {group}" if group else ""
    return f"SELECT {selected} FROM ({paused}){grouping}"
