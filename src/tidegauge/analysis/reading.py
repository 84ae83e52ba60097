"""A reading: one question being answered from one generation of the lake."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.asked_flows import AskedFlows, asked_part
from tidegauge.analysis.clock_bound import ClockBound, bounds_about, clock_bounds, clock_of
from tidegauge.analysis.clock_correction import NONE, Corrections, corrected_engine, corrections
from tidegauge.analysis.clock_reach import Reaches
from tidegauge.analysis.completeness import completeness, fault_sentences
from tidegauge.analysis.history import ONCE, OTHERWISE, TOO_MANY, history_sentences
from tidegauge.analysis.moved_flows import may_stay_as_told, near_ends, with_moved
from tidegauge.analysis.named_flows import MOST_NAMED, NamedFlows
from tidegauge.analysis.named_parts import name_parts
from tidegauge.analysis.naming import home_of, macros_of, provide
from tidegauge.analysis.own_clock import OwnClock, own_clock, own_clock_of
from tidegauge.analysis.repeats import flows_state, has_several_points, share_repeats
from tidegauge.analysis.rolled_flows import rolled_flows
from tidegauge.analysis.rows import described, rows_from_tuples
from tidegauge.analysis.sampling import apply_sampling, unknown_sampling
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import TimeRange, range_from_words
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query import named
from tidegauge.query.canonical import canonical
from tidegauge.query.duplicates import COLUMNS, IS_TRAFFIC, NEEDED, RELATION, concerns_points
from tidegauge.query.earlier import earlier_range, shift_of
from tidegauge.query.ends import at_ends
from tidegauge.query.error import QuestionError
from tidegauge.query.flow_keys import ASKED
from tidegauge.query.grouping import keys
from tidegauge.query.lookups import fields_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.question import Query, counts_once, refuse_unanswered
from tidegauge.query.ranking import extent
from tidegauge.query.sampling import FACTOR, INTERVAL
from tidegauge.query.syntax import Anything
from tidegauge.query.traits import UNKNOWN, Traits
from tidegauge.store.bindings import told_of
from tidegauge.store.engines.choice import engine_of
from tidegauge.store.own_clock import judged_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from tidegauge.analysis.clock_reach import Reach
    from tidegauge.analysis.rolled_flows import RolledFlows
    from tidegauge.query.rolled import Rolled
    from tidegauge.query.statement import Column, Statement
    from tidegauge.query.syntax import Term
    from tidegauge.store.engines.duckdb import Engine, Select
    from tidegauge.store.engines.statistics import Statistics
    from tidegauge.store.lake import Lake
    from tidegauge.store.segment import Segment


Result = TypeVar("Result")


class Reading:
    """Holds the generation and the database while a question is asked; use ``with``.

    ``query`` is the question as it is computed: where one point saw all flows, none can be there twice.

    ``answered`` are the optional parts of a question that this answer takes into account. With a comparison,
    ``shift`` is how far back it looks and ``earlier`` the range there.

    With ``of_any_time`` flows are there whatever times they tell, for questions that do not trust these.

    Flows of which rollups tell all by what ``rolled`` says are left out; ``self.rolled`` says which. Where
    the question is ``timeless``, flows may stay as they were told: then ``is_as_told``.

    Raises QuestionError (FilterError for the filter) before anything is opened.
    """

    def __init__(
        self,
        lake: Lake,
        query: Query,
        now: int,
        answered: Collection[str] = (),
        *,
        of_any_time: bool = False,
        rolled: Callable[[Query], Rolled | None] | None = None,
        timeless: Callable[[Query], bool] | None = None,
    ) -> None:
        refuse_unanswered(query, answered)
        self.filter = parse(query.filter, macros_of(lake) if "@" in query.filter else None)
        # Macros are written out here, once, so that nothing below needs to know them.
        self.query = query = msgspec.structs.replace(query, filter=canonical(self.filter.term))
        has_rollups = lake.has_rollups and not lake.clickhouse
        self._wanted = rolled(query) if rolled and has_rollups else None
        self._is_timeless = timeless is not None and timeless(query) and not lake.clickhouse
        self.time_range = time_range_of(query, now)
        self.shift = shift_of(query, self.time_range, now)
        self.earlier = earlier_range(self.time_range, self.shift, now)
        self._started = time.perf_counter()
        self._is_once = counts_once(query) and not _is_about_points(query, self.filter.term)
        self._lake = lake
        self._provided: set[str] = set()
        self._is_sampling_known = self._is_estimated = False
        self._generation = lake.generation()
        self._since = self.earlier.since if self.earlier else self.time_range.since
        self.rolled: RolledFlows | None = None
        self.is_as_told = False
        self._reach: Reach | None = None
        asked = TimeRange() if of_any_time else TimeRange(self._since, self.time_range.until)
        if of_any_time:
            self.engine, self._corrections = self._opened(asked), NONE
        else:
            may_narrow = self._wanted is not None or self._is_timeless
            narrow = partial(self._narrow, asked) if may_narrow else None
            self.engine, self._corrections = corrected_engine(
                self._opened, lake, self._generation, asked, narrow
            )
        if not any((self.rolled, self.is_as_told)):
            self._know_flows(self.engine, self._corrections, asked)

    def _narrow(self, asked: TimeRange, engine: Engine, found: Corrections) -> bool:
        """Leave out what rollups tell, before anybody makes something of the flows.

        Whether those that are left may stay as they were told.
        """
        reaches = Reaches(found, engine)
        self._leave_out_rolled(asked, engine, found, reaches)
        self._reach = reaches.widest
        if self.rolled or self._reach is None or not self._is_timeless or not may_stay_as_told(engine):
            return False
        if asked_part(self.filter.term):
            return False  # few are left, and they are looked for once
        self._know_flows(engine, found, asked)
        self.is_as_told = self.query.duplicates == "all"
        return self.is_as_told

    def _leave_out_rolled(
        self, asked: TimeRange, engine: Engine, found: Corrections, reaches: Reaches
    ) -> None:
        seen = found.widened(asked)
        segments = self._generation.segments("flows", seen.since, seen.until)
        rolled = [segment for segment in segments if segment.is_rolled]
        past = self._history
        if not (rolled or past) or self._wanted is None:
            return
        self._know_flows(engine, found, asked, [*rolled, *past])
        if self.query.duplicates == "all":
            self.rolled = rolled_flows(rolled, self._wanted, self.time_range, reaches, past)
        if self.rolled:
            engine.leave_out(self.rolled.left_out)
            self.rolled.show(engine)

    @cached_property
    def _history(self) -> list[Segment]:
        """What is left of flows of the range that are gone."""
        return [] if self._lake.clickhouse else self._generation.history(self._since, self.time_range.until)

    @property
    def _table_of_history(self) -> str:
        return self.rolled.table if self.rolled and self.rolled.has_history else ""

    def _history_sentences(self) -> list[str]:
        why = TOO_MANY if self.rolled else ONCE
        if self._wanted is None:
            why = OTHERWISE
        before = self._generation.removed_before("flows")
        return history_sentences(self._history, self.time_range, self.rolled, before, why)

    def _know_flows(
        self, engine: Engine, found: Corrections, asked: TimeRange, rolled: Collection[Segment] = ()
    ) -> None:
        self._state = flows_state(self._lake, self._generation, found, asked)
        self._has_several_points = has_several_points(engine, self._state, rolled)
        if not (self._is_once and self._has_several_points):
            self.query = msgspec.structs.replace(self.query, duplicates="all")

    @cached_property
    def _asked(self) -> AskedFlows | None:
        """What stands in place of all flows; the other direction of a record would be found nowhere else."""
        known = None if self.engine.stands else self._statistics
        part = asked_part(self.filter.term) if known and not known.has_reverse else None
        return AskedFlows(self.engine, part) if part else None

    def _opened(self, time_range: TimeRange) -> Engine:
        return engine_of(
            self._generation,
            time_range.since,
            time_range.until,
            home_of(self._lake),
            stock=self._lake.stock,
            clickhouse=self._lake.clickhouse,
        )

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        """Run a statement and turn its rows into dicts."""
        return rows_from_tuples(statement.columns, self.tuples(statement))

    def tuples(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Run a statement, after what it looks up has been made, and give its rows as they come."""
        self.prepare(statement)
        return self.engine.rows(statement.sql, statement.values)

    def prepare(self, statement: Statement) -> None:
        """Make what a statement looks up."""
        are_repeats_sought = RELATION in statement.lookups and self._has_several_points
        if INTERVAL in statement.sql or are_repeats_sought:
            self._know_sampling()  # the point that samples least is the one that counts
        if ASKED in statement.sql and self._asked:
            self._asked.show(statement.sql + (f"{NEEDED} {IS_TRAFFIC}" if are_repeats_sought else ""))
        self._is_estimated |= FACTOR in statement.sql
        self.need(statement.lookups)

    def need(self, lookups: Iterable[str]) -> None:
        """Make what statements look up, unless this question did so before."""
        for name in lookups:
            if name not in self._provided:
                self._provide(name)
                self._provided.add(name)

    def _know_sampling(self) -> None:
        """Done for all that speaks of sampling: who forgot to ask for it would count too little."""
        if not self._is_sampling_known:
            self._is_sampling_known = True
            apply_sampling(self.engine, self._lake, self._generation)

    @property
    def traits(self) -> Traits:
        """What is known of the flows that statements read."""
        known = self._statistics
        if known is None:
            return UNKNOWN
        is_short = known.longest is not None and known.longest < MAX_FLOW_AGE
        return Traits(known.has_reverse, known.small, is_short, self._may_be_named, self._asked is not None)

    @property
    def directions(self) -> Traits:
        """The traits without those that change the type of a sum."""
        return replace(self.traits, small=frozenset())

    @property
    def _may_be_named(self) -> bool:
        known = self._statistics
        is_shared = self.engine.has_stock and known is not None and not known.has_reverse
        return is_shared and self.engine.scanned.rows <= MOST_NAMED

    @property
    def is_closed(self) -> bool:
        """Whether the range has both ends."""
        return self.time_range.since is not None and self.time_range.until is not None

    @property
    def known_extent(self) -> TimeRange | None:
        """The time that the flows span, where that can be told without a look at any.

        The question has to be about all of them, and none may claim to have lived too long.
        """
        known, asked = self._statistics, self.query
        if not isinstance(self.filter.term, Anything) or asked.direction or asked.duplicates != "all":
            return None
        if known is None or known.longest is None or known.longest >= MAX_FLOW_AGE or (known.first or 0) < 0:
            return None
        if self._corrections.stretches and not self.is_as_told:
            return None  # what is known of them is what was reported
        return TimeRange(known.first, known.last)

    def extent(self, found: TimeRange) -> TimeRange:
        """The time that all flows span, where those that statements read span what was ``found``."""
        if self.rolled and not self.is_closed:
            others = self.rolled.extent(found)
            return with_moved(self.engine, self._corrections, self.rolled.moved, others)
        if self.is_as_told and self._reach:
            self._corrections.prepare(self.engine)
            ends = at_ends(self._corrections.exporters, near_ends(found, self._reach))
            with self.engine.replaced_flows(ends):
                [(_, *span)] = self.tuples(extent(self.query, self.time_range, self.directions))
            return TimeRange(*span)
        return found

    @cached_property
    def _statistics(self) -> Statistics | None:
        return self.engine.statistics()

    def _provide(self, lookup: str) -> None:
        since, until = self._since, self.time_range.until
        if lookup == named.RELATION:
            self._provide_named()
            return
        if lookup != RELATION:
            provide(self.engine, self._lake, [lookup], since, until)
            return
        if not self._has_several_points:
            self.engine.rows(f"CREATE TEMP TABLE {RELATION} ({COLUMNS})")
            return
        self._know_sampling()
        are_asked = self._asked is not None and self._asked.are_kept
        share_repeats(self.engine, self._state, since, until, self.filter.term, are_asked=are_asked)

    def _ask_how_many_are_repeated(self) -> int:
        return int(self.engine.rows(f"SELECT count(DISTINCT flow_key) FROM {RELATION}")[0][0])

    def _provide_named(self) -> None:
        self._know_sampling()
        time_range = TimeRange(self._since, self.time_range.until)
        if self.engine.stands:
            name_parts(self.engine, self._lake, time_range)
            return
        told = told_of(self._lake), self._state.sampling
        asked = NamedFlows(self._state.files, told, time_range, self._corrections.stretches)
        made = asked.lasting()
        known = frozenset(segment.path for segment in self._generation.segments("flows"))
        select = partial(self._named_flows, made.time_range)
        self.engine.share_rows(named.RELATION, made, select, lambda other: other.serves(asked, known))

    def _named_flows(self, time_range: TimeRange) -> Select:
        provide(self.engine, self._lake, named.NAMES, time_range.since, time_range.until)
        return named.named_flows(time_range)

    def _remembered(self, what: str, make: Callable[[], Result]) -> Result:
        """What other questions about the same range of the same files found as well, in few words."""
        key = what, self._state.ledger, self._state.files, self._since, self.time_range
        return self.engine.remembered(key, make)

    def _repeated(self) -> list[str]:
        """Say that something was counted once, where something was."""
        if self.query.duplicates == "all" or RELATION not in self._provided:
            return []
        key = RELATION, self._state, self._since, self.time_range.until, self._asked and self.query.filter
        count = self.engine.remembered(key, self._ask_how_many_are_repeated)
        told = "flow keys were seen at several observation points and are counted at one"
        return [f"{count:,} {told}; duplicates=all counts each"] if count else []

    def _unknown(self) -> list[str]:
        return unknown_sampling(self.engine) if self._is_estimated else []

    def answer(
        self,
        data: list[dict[str, Any]],
        columns: Sequence[Column],
        *,
        totals: dict[str, int | None] | None = None,
        other: dict[str, Any] | None = None,
        extent: TimeRange | None = None,
        warnings: Sequence[str] = (),
        following: str | None = None,
    ) -> Answer:
        """Put an answer together.

        ``extent`` is the time the flows of an answer about flows span; it stands in for the sides the
        question left open. ``following`` is the cursor of the next page.
        """
        time_range, is_of_flows = self.time_range, extent is not None
        extent = extent or TimeRange()
        scanned = self.engine.scanned
        return Answer(
            data=data,
            columns=described(columns),
            totals=totals or {},
            other=other,
            completeness=self._remembered(
                f"completeness {is_of_flows} {self._table_of_history}",
                partial(
                    completeness,
                    self.engine,
                    time_range,
                    is_of_flows=is_of_flows,
                    rolled=self.rolled,
                ),
            ),
            clock=clock_of(
                self._clock_bounds(),
                self._corrections.residuals,
                matters=is_of_flows and self._is_timed(columns),
            )
            | {"own": own_clock_of(self._own_clock())},
            warnings=[
                *self.filter.warnings,
                *fault_sentences(self.engine.faults),
                *(self._history_sentences() if is_of_flows else []),
                *warnings,
                *self._repeated(),
                *self._unknown(),
            ],
            stats={
                "rows": scanned.rows,
                "files": scanned.files,
                "bytes": scanned.bytes,
                **self._rolled_stats(),
                "milliseconds": round((time.perf_counter() - self._started) * 1000, 3),
            },
            since=_text(extent.since if time_range.since is None else time_range.since),
            until=_text(extent.until if time_range.until is None else time_range.until),
            filter=canonical(self.filter.term),
            next=following,
        )

    def _rolled_stats(self) -> dict[str, int]:
        """What was looked at in place of flows."""
        if self.rolled is None:
            return {}
        found = self.rolled
        return {"rollup_rows": found.rows, "rollup_files": found.files, "rollup_bytes": found.bytes}

    def corrections(self, time_range: TimeRange) -> Corrections:
        """What flows of a range are corrected by, also where this reading shows them as they were told."""
        return corrections(self.engine, self._lake, self._generation, time_range)

    def _clock_bounds(self) -> list[ClockBound]:
        bounds = self._remembered("clocks", partial(clock_bounds, self.engine, self.time_range))
        return bounds_about(bounds, self.filter.term)

    def _own_clock(self) -> OwnClock | None:
        since, until = self.time_range.since, self.time_range.until
        key = ("own clock", judged_files(self._lake), self.time_range)
        return self.engine.remembered(key, partial(own_clock, self._lake, since, until))

    def _is_timed(self, columns: Sequence[Column]) -> bool:
        return self.time_range != TimeRange() or any(column.type == "instant" for column in columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()
        self._generation.close()


def _is_about_points(query: Query, term: Term) -> bool:
    if query.duplicates:
        return False
    keyed = (field for key in keys(query.by, Parameters()) for field in key.fields)
    return concerns_points(field.name for field in (*fields_of(term), *keyed))


def time_range_of(query: Query, now: int) -> TimeRange:
    """The absolute range of a question. Raises QuestionError when its words are no time."""
    try:
        return range_from_words(query.since, query.until, query.time_zone, now)
    except ValueError as error:
        raise QuestionError(str(error)) from None


def _text(instant: int | None) -> str | None:
    return None if instant is None else text_from_instant(instant)
