"""Clock correction: whose flows are put right for which stretches of time, and ``flows`` with times so."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from tidegauge.analysis.clock_plan import ClockPlan, Policy, clock_plan
from tidegauge.analysis.clock_stretches import clock_stretches
from tidegauge.analysis.clock_verdict import RESTLESS, TOLERANCE
from tidegauge.clock.stretch import GRID
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.correction import COLUMNS, RELATION, corrected
from tidegauge.store.engines.rows import make_table
from tidegauge.store.exchanges import exchange_files

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from tidegauge.flow.clock_stretch import ClockStretch
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake


class Corrected(NamedTuple):
    """A stretch in which flows are corrected.

    ``is_wrong`` says that the clock is in the stretch itself, and ``has_records`` that records tell its time;
    ``was_wrong`` that both were so before the clock was set, just before.
    """

    found: ClockStretch
    is_wrong: bool
    has_records: bool
    was_wrong: bool

    @property
    def key(self) -> tuple[str, int]:
        """Whose clock it is: exporter and observation domain."""
        return text_from_address(self.found.exporter), self.found.observation_domain

    @property
    def is_whole(self) -> bool:
        """Whether no flow is left as it was told: records tell the same time, or none of their own."""
        return self.is_wrong and (self.has_records or self.found.latest_record is None)


class Residual(NamedTuple):
    """How far corrected times may still be off: so many nanoseconds early, or late; None is unbounded."""

    early: int | None
    late: int | None


class Corrections:
    """The stretches by which flow times are put right, for one range of time."""

    def __init__(self, stretches: tuple[Corrected, ...]) -> None:
        self.stretches = stretches

    @cached_property
    def widest(self) -> int:
        """How far a corrected time may be from the reported one at most, in nanoseconds."""
        ends = [
            max(abs(each.first), abs(each.last)) + each.quantum + max(each.below or 0, each.above or 0)
            for each in (corrected.found.stretch for corrected in self.stretches)
        ]
        formers = [abs(each.found.stretch.former or 0) for each in self.stretches]
        return max(ends + formers, default=0)

    def widened(self, time_range: TimeRange) -> TimeRange:
        """The range in which flows of the range may lie as they were reported."""
        if not self.stretches:
            return time_range
        since, until = time_range.since, time_range.until
        return TimeRange(
            None if since is None else since - self.widest, None if until is None else until + self.widest
        )

    @cached_property
    def residuals(self) -> dict[tuple[str, int], Residual]:
        """By exporter and observation domain, where all flows are put right whose clock was wrong."""
        found: dict[tuple[str, int], Residual] = {}
        unproven: set[tuple[str, int]] = set()
        for each in self.stretches:
            stretch, key = each.found.stretch, each.key
            known = found.get(key, Residual(0, 0))
            found[key] = Residual(_wider(known.early, stretch.above), _wider(known.late, stretch.below))
            if each.is_wrong and not each.is_whole:
                unproven.add(key)
        return {key: residual for key, residual in found.items() if key not in unproven}

    def last_of(self, exporter: str, observation_domain: int) -> Corrected | None:
        """The latest stretch in which a clock was wrong."""
        key = exporter, observation_domain
        found = (each for each in self.stretches if each.is_wrong and each.key == key)
        return max(found, key=lambda each: each.found.stretch.until, default=None)

    @property
    def exporters(self) -> frozenset[bytes]:
        """Whose flows are put right, by their addresses."""
        return frozenset(each.found.exporter for each in self.stretches)

    def prepare(self, engine: Engine) -> None:
        """Make the relation of corrections."""
        make = partial(make_table, engine.connection, RELATION, COLUMNS, self.rows())
        engine.share(RELATION, (RELATION, self.stretches), make)

    def apply(self, engine: Engine, since: int | None) -> None:
        """Let ``flows`` tell corrected times, and what was corrected by how much; since when is asked."""
        engine.change_flows(_Correction(self, engine, since))

    def between(self, first: int, last: int) -> frozenset[Corrected]:
        """The stretches in which flows are corrected that arrived from ``first`` to ``last``."""
        return frozenset(
            each
            for each in self.stretches
            if each.found.stretch.since <= last and each.found.stretch.until > first
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        """What they come to, as rows of ``clock_corrections``."""
        for found, is_wrong, has_records, was_wrong in self.stretches:
            stretch = found.stretch
            told = {name: value for name, value in stretch._asdict().items() if name in COLUMNS}
            yield told | {
                "whose": found.exporter,
                "domain": found.observation_domain,
                "version": found.protocol_version,
                "place": stretch.since // GRID,
                "slope": (stretch.last - stretch.first) / (stretch.until - stretch.since),
                "former": stretch.former,
                "has_even_ages": found.has_even_ages,
                "is_wrong": is_wrong,
                "was_wrong": was_wrong,
                "has_records": has_records,
            }


class _Correction:
    """The corrections as a change of the flows that a question sees."""

    def __init__(self, corrections: Corrections, engine: Engine, since: int | None) -> None:
        self._corrections = corrections
        self._engine = engine
        self._since = since
        self.sql = corrected(corrections.exporters) if corrections.stretches else ""

    def reasons(self, first: int, last: int) -> frozenset[Corrected]:
        """The stretches that flows of these arrivals are corrected by."""
        return self._corrections.between(first, last)

    def agrees(self, reasons: frozenset[Hashable], first: int, last: int) -> bool:
        """Whether the same is done to flows of these arrivals, whatever is done to those before the range."""
        others = reasons ^ self.reasons(first, last)
        since = self._since
        return not others or (since is not None and all(is_before(each, since) for each in others))

    def prepare(self) -> None:
        """Make the relation of corrections."""
        self._corrections.prepare(self._engine)


def is_before(corrected: Hashable, since: int) -> bool:
    """Whether a stretch in which flows are corrected ends before a range begins."""
    return cast("Corrected", corrected).found.stretch.until <= since


def _wider(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


NONE = Corrections(())
"""Nothing is corrected."""


def corrections(engine: Engine, lake: Lake, generation: Generation, time_range: TimeRange) -> Corrections:
    """What the flows of a range are corrected by. ``engine`` has to see the ledger.

    Raises LakeUnreadableError where the lake's plan has a mistake in it.
    """
    plan = clock_plan(lake.path)
    if plan == ClockPlan(Policy.NEVER):
        return NONE
    seen = frozenset(segment.path for segment in generation.segments("sightings"))
    key = (RELATION, generation.ledger_state, seen, time_range, exchange_files(lake), repr(plan))
    make = partial(_corrections, engine, lake, generation, time_range, plan)
    # All questions of a page need them at once: seven that wait cost less than seven that do the same.
    with lake.stock.making("corrections") if lake.stock else nullcontext():
        return engine.remembered(key, make)


def corrected_engine(
    opened: Callable[[TimeRange], Engine],
    lake: Lake,
    generation: Generation,
    time_range: TimeRange,
    narrow: Callable[[Engine, Corrections], bool] | None = None,
) -> tuple[Engine, Corrections]:
    """An engine whose ``flows`` tell corrected times, and what they were corrected by.

    ``opened`` opens one for the flows that tell times in a range; ``narrow`` may leave some of them out, and
    say that the times of the others do not matter: then these stay as they were told.
    """
    engine = opened(time_range)
    try:
        found = corrections(engine, lake, generation, time_range)
        told = found.widened(time_range)
        if _files(generation, told) != _files(generation, time_range):
            engine.close()
            engine = opened(told)
        if not (narrow and narrow(engine, found)):
            found.apply(engine, time_range.since)
    except BaseException:
        engine.close()
        raise
    return engine, found


def _files(generation: Generation, time_range: TimeRange) -> list[str]:
    return [segment.path for segment in generation.segments("flows", time_range.since, time_range.until)]


def _corrections(
    engine: Engine, lake: Lake, generation: Generation, time_range: TimeRange, plan: ClockPlan
) -> Corrections:
    found = clock_stretches(engine, lake, generation, time_range, everyone=plan.is_for_everyone)
    judged = (_judged(each, plan.policy_of(each.exporter)) for each in found)
    return Corrections(tuple(each for each in judged if each.is_wrong or each.was_wrong))


def _judged(found: ClockStretch, policy: Policy) -> Corrected:
    is_wrong, has_records = proof(found, policy)
    was_wrong = found.former is not None and all(proof(found.former, policy))
    return Corrected(found, is_wrong, has_records, was_wrong)


def proof(found: ClockStretch, policy: Policy) -> tuple[bool, bool]:
    """Whether flows are corrected by a clock, and whether those are whose records tell times of their own.

    That a header's clock is wrong does not prove that records are read from the same clock. They are, if one
    tells a time that had not come yet, or all are older than a slow clock leaves them.
    """
    if policy is Policy.NEVER:
        return False, False
    if policy is Policy.ALWAYS:
        return True, True
    low, high = found.stretch.low, found.stretch.high
    is_fast = low is not None and low > TOLERANCE
    is_slow = high is not None and high < -TOLERANCE
    if found.changes > RESTLESS or not (is_fast or is_slow):
        return False, False
    if found.is_two_way or found.latest_record is None:
        return True, found.is_two_way
    ahead = found.latest_record
    return True, ahead > TOLERANCE if is_fast else ahead <= (high or 0) + TOLERANCE
