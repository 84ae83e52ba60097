"""Sampling known: flows get the interval that was in force, from what people state and exporters announce."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.sampling_plan import FILE_NAME, sampling_plan
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.sampling import (
    ANNOUNCEMENTS,
    COLUMNS,
    INTERVAL,
    IS_ANNOUNCED,
    IS_MISSING,
    RELATION,
    SAMPLER,
    SHAPES,
    Shape,
    resolved,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from tidegauge.analysis.sampling_plan import Stated
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake

_IS_DOUBTFUL = f"SELECT EXISTS (FROM ledger WHERE {INTERVAL} = 0)"
_UNKNOWN = f"""
SELECT CAST(exporter AS BLOB), observation_domain, {SAMPLER} AS sampler
FROM flows SEMI JOIN (SELECT exporter, observation_domain FROM ledger WHERE sampling_interval = 0) AS doubtful
    USING (exporter, observation_domain)
WHERE coalesce({INTERVAL}, 0) = 0 AND sampler > 0 GROUP BY ALL ORDER BY ALL"""
_SHOWN = 3


def apply_sampling(engine: Engine, lake: Lake, generation: Generation) -> None:
    """Make the relation ``sampling``, and let ``flows`` tell the interval that was in force.

    Where that is not known from elsewhere, flows stay as they are, and cost what they did.
    Raises LakeUnreadableError where the lake's plan has a mistake in it.
    """
    stated = tuple(sampling_plan(lake.path))
    told = (_files(generation, "options"), generation.ledger_state, stated)
    is_announced = engine.remembered(("announced", _files(generation, "options")), partial(_told, engine))
    engine.share(RELATION, told, partial(_make, engine, stated, is_announced=is_announced))
    if is_announced and not stated:
        asked = ("sampling is missing", told, engine.flow_files)
        if not engine.remembered(asked, partial(_is_missing, engine)):
            return
    shapes = engine.remembered(("shapes", told), partial(_shapes, engine)) if stated or is_announced else []
    if shapes:
        engine.replace_flows(resolved(shapes))


def _make(engine: Engine, stated: Iterable[Stated], *, is_announced: bool) -> None:
    engine.rows(f"CREATE TEMP TABLE {RELATION} ({COLUMNS})")
    for statement in stated:
        values = msgspec.structs.asdict(statement)
        places = ", ".join(f"${name}" for name in values)
        engine.rows(f"INSERT INTO {RELATION} ({', '.join(values)}) VALUES ({places})", values)
    if is_announced:
        engine.rows(f"INSERT INTO {RELATION} {ANNOUNCEMENTS}")


def _told(engine: Engine) -> bool:
    return bool(engine.rows(IS_ANNOUNCED)[0][0])


def _is_missing(engine: Engine) -> bool:
    return bool(engine.rows(IS_MISSING)[0][0])


def _shapes(engine: Engine) -> list[Shape]:
    return [Shape.of(row) for row in engine.rows(SHAPES)]


def told_of_sampling(lake: Lake, generation: Generation) -> Hashable:
    """All that the sampling of flows is known from: equal where it is the same."""
    plan = lake.path / FILE_NAME
    written = plan.read_bytes() if plan.exists() else b""
    return _files(generation, "options"), generation.ledger_state, written


def _files(generation: Generation, table: str) -> frozenset[str]:
    return frozenset(segment.path for segment in generation.segments(table))


def unknown_sampling(engine: Engine) -> list[str]:
    """What to tell whoever reads an estimate: which exporters sample, nobody says how."""
    # Asked first: to look for them among the flows reads every element of each.
    if not engine.rows(_IS_DOUBTFUL)[0][0]:
        return []
    found = [
        f"{text_from_address(exporter)} (domain {domain}, sampler {sampler})"
        for exporter, domain, sampler in engine.rows(_UNKNOWN)
    ]
    if not found:
        return []
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    what = "flows name a sampler, and nobody told how many packets it leaves out"
    advice = "their estimates are too low until the exporter announces it or sampling.toml states it"
    return [f"{', '.join(found[:_SHOWN])}{more}: {what}; {advice}"]
