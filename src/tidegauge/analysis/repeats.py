"""Repeats: what another observation point saw as well, left out of what is counted.

An attack that passes two routers is one attack, and an upload weighs what it weighed. Detectors look at few
of the flows of long times, so there repeats are searched for among those alone. Of a range that is looked at
whole they are searched for once, whoever asks.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.named_parts import moments_of
from tidegauge.analysis.sampling import told_of_sampling
from tidegauge.query import duplicates
from tidegauge.query.duplicates import (
    RELATION,
    SEVERAL_EXPORTERS,
    SEVERAL_POINTS,
    duplicates_between,
)
from tidegauge.query.flow_keys import ASKED, flows_of_keys, key_part

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping

    from tidegauge.analysis.clock_correction import Corrections
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.syntax import Term
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake
    from tidegauge.store.segment import Segment

ALL = "flows"
"""The relation of all flows, as it is where no flow can be there twice."""


class FlowsState(NamedTuple):
    """What the flows of a range are, but for the range: equal where nothing about them can differ.

    ``files`` may hold flows of it, whatever their reported times; the ledger, and all that sampling is known
    from; and by what their times are ``corrected``.
    """

    files: frozenset[str]
    ledger: Hashable
    sampling: Hashable
    corrected: Hashable


def flows_state(
    lake: Lake, generation: Generation, corrections: Corrections, time_range: TimeRange
) -> FlowsState:
    """What the flows of a range are made of in one generation."""
    seen = corrections.widened(time_range)
    files = frozenset(segment.path for segment in generation.segments("flows", seen.since, seen.until))
    sampling = told_of_sampling(lake, generation)
    return FlowsState(files, generation.ledger_state, sampling, corrections.stretches)


def has_several_points(
    engine: Engine, state: FlowsState | None = None, rolled: Collection[Segment] = ()
) -> bool:
    """Whether an engine's flows were seen at more than one point; asked once for equal states.

    Of segments that are ``rolled`` the rollup says at once which directions their flows have.
    """
    ask = partial(_ask_whether_several_points, engine, rolled)
    if state is None:
        return ask()
    files = state.files.union(each.path for each in rolled)
    return engine.remembered(("points", files, state.ledger), ask)


def _ask_whether_several_points(engine: Engine, rolled: Collection[Segment]) -> bool:
    if not rolled:
        # Where flows stand in memory, to look is as quick as to ask the footers.
        known = None if engine.has_stock else engine.statistics()
        if known is None or known.directions is None:
            return bool(engine.rows(SEVERAL_POINTS)[0][0])
        return bool(engine.rows(SEVERAL_EXPORTERS)[0][0]) or len({*known.directions}) > 1
    if engine.rows(SEVERAL_EXPORTERS)[0][0]:
        return True
    told = {direction for each in rolled if each.rollup for direction in each.rollup.directions}
    others = engine.directions(without=[each.path for each in rolled])
    return len({*told, *others} - {None}) > 1


def share_repeats(
    engine: Engine,
    state: FlowsState,
    since: int | None,
    until: int | None,
    asked: Term | None = None,
    *,
    are_asked: bool = False,
) -> None:
    """Let statements see the repeats of a range, whose sampling the engine's flows have to tell.

    Where no flow begins after the range it is as good as open, and found by whoever asks about an open one.
    Where nobody else asks, those of the flows that a filter has ``asked`` for will do; where these stand by
    themselves, they ``are_asked``.
    """
    if are_asked:
        engine.keep(RELATION, *duplicates_between(since, until, lambda _: ASKED))
        return
    if asked and not engine.has_stock and (part := key_part(asked)):
        engine.keep(RELATION, *duplicates_between(since, until, partial(flows_of_keys, part)))
        return
    if until is not None and engine.stands and all(last < until for _, last in moments_of(engine).values()):
        until = None
    make = partial(engine.keep, RELATION, *duplicates_between(since, until))
    engine.share(RELATION, (state, since, until), make)


def counted_once(
    engine: Engine,
    since: int,
    until: int,
    among: str = "",
    values: Mapping[str, Any] | None = None,
    state: FlowsState | None = None,
) -> str:
    """What to put in the place of ``flows`` so that each of the range counts at one observation point.

    ``among`` is a SELECT of the flows that will be asked about, with its ``values``; without it all are
    searched, which others need not do again where the ``state`` of the flows is told. It must have all flows
    of a key or none. Until this is called again, the answer holds.
    """
    if not has_several_points(engine, state):
        return ALL
    if state and not among:
        share_repeats(engine, state, since, until)
        return duplicates.counted_once()
    sql, limits = duplicates_between(since, until)
    # The narrower relation takes the name of the wider one for the search.
    narrowed = f"WITH flows AS ({among}) SELECT * FROM ({sql})" if among else sql
    engine.rows(f"CREATE OR REPLACE TEMP TABLE {RELATION} AS {narrowed}", {**limits, **(values or {})})
    return duplicates.counted_once()
