"""Named parts: names beside the flows of each table where these stand, kept until names of their time change.

Nearly all that is learnt while a lake is looked at is about now. So what is known of names is told apart by
the time of each part: the flows of an hour ago have theirs already, whoever was given an address since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.naming import provide
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.lookups import MOMENT
from tidegauge.query.named import NAMES, RELATION, named_flows
from tidegauge.store.bindings import rules_of, told_of
from tidegauge.store.segment import HOUR

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.engines.standing_flows import Stand
    from tidegauge.store.lake import Lake

RECENT = HOUR
"""Flows of so long before the last are named by themselves: of these names are still learnt."""

_MOMENTS = f"SELECT min({MOMENT}), max({MOMENT}) FROM {{table}} AS flows"

# What holds in a part's time, each row cut to that: equal where the flows of the part are named the same.
_KNOWN = """
WITH told AS (
  SELECT hash(1, address, person, machine, team, source, confidence, is_pinned) AS what, since, until
  FROM holders
  UNION ALL SELECT hash(2, client, address, name, source), since, until FROM sites
  UNION ALL SELECT hash(3, address, name, source), since, until FROM hosts),
part AS (SELECT unnest($tables) AS name, unnest($firsts) AS first, unnest($lasts) AS last),
held AS (
  SELECT part.name AS name, hash(what, greatest(since, first), least(until, last + 1)) AS known
  FROM part JOIN told ON since <= last AND until > first)
SELECT name, count(*), bit_xor(known), sum(known) FROM held GROUP BY name"""


def name_parts(engine: Engine, lake: Lake, asked: TimeRange) -> None:
    """Let statements see ``named``, of all flows of an engine, which have to stand.

    Names are laid out for the range that is asked about as well: other lookups of the question join them too.
    """
    stands = engine.stands
    moments = moments_of(engine)
    since, until = min(stand.first for stand in stands), max(last for _, last in moments.values()) + 1
    told = TimeRange(
        None if asked.since is None else min(asked.since, since),
        None if asked.until is None else max(asked.until, until),
    )
    provide(engine, lake, NAMES, told.since, told.until)
    rules = rules_of(lake)
    key = ("known of parts", told_of(lake), told, *moments.items())
    known = engine.remembered(key, lambda: _known(engine, moments))
    newest = max(stand.last for stand in stands)
    groups: list[dict[str, Hashable]] = [{}, {}]
    for stand in stands:
        is_recent = stand.last > newest - RECENT
        groups[is_recent][stand.table] = rules, known.get(stand.table)
    engine.share_pieces(RELATION, filter(None, groups), lambda flows: named_flows(TimeRange(), flows))


def moments_of(engine: Engine) -> dict[str, tuple[int, int]]:
    """When the first and the last of the flows began, for each table in which flows of an engine stand."""
    return {stand.table: _moments(engine, stand) for stand in engine.stands}


def _moments(engine: Engine, stand: Stand) -> tuple[int, int]:
    """When the first and the last of a part's flows began; these never change."""
    sql = _MOMENTS.format(table=stand.table)
    first, last = engine.remembered(("moments", stand.table), lambda: engine.rows(sql)[0])
    return (stand.first, stand.last) if first is None else (first, last)


def _known(engine: Engine, moments: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    firsts, lasts = zip(*moments.values(), strict=True)
    values = {"tables": list(moments), "firsts": list(firsts), "lasts": list(lasts)}
    return {name: (count, *known) for name, count, *known in engine.rows(_KNOWN, values)}
