"""Repeats: what another observation point saw as well, left out of what detectors count.

An attack that passes two routers is one attack, and an upload weighs what it weighed. Detectors look at few
of the flows of long times, so repeats are searched for among those alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.query import duplicates
from tidegauge.query.duplicates import RELATION, SEVERAL_POINTS, duplicates_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.store.engines.duckdb import Engine

ALL = "flows"
"""The relation of all flows, as it is where no flow can be there twice."""


def counted_once(
    engine: Engine, since: int, until: int, among: str = "", values: Mapping[str, Any] | None = None
) -> str:
    """What to put in the place of ``flows`` so that each of the range counts at one observation point.

    ``among`` is a SELECT of the flows that will be asked about, with its ``values``; without it all are
    searched. It must have all flows of a key or none. Until this is called again, the answer holds.
    """
    if not engine.rows(SEVERAL_POINTS)[0][0]:
        return ALL
    sql, limits = duplicates_between(since, until)
    # The narrower relation takes the name of the wider one for the search.
    narrowed = f"WITH flows AS ({among}) SELECT * FROM ({sql})" if among else sql
    engine.rows(f"CREATE OR REPLACE TEMP TABLE {RELATION} AS {narrowed}", {**limits, **(values or {})})
    return duplicates.counted_once()
