"""Rolled flows: the segments of a question whose rollups tell all that it asks of them.

A segment is answered from its rollup, from its flows, or not at all where none of them lived in the range.
At an end of the range that is not a full hour the flows are read. Where their times are put right they are
read as well, unless all of them lie inside the range wherever they are put, or outside.
Of history, whose flows are gone, an hour that an end of the range cuts is left out, and times are as they
were told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.moved_flows import Moved
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.parameters import Parameters
from tidegauge.query.predicate import predicate
from tidegauge.query.rolled import RELATION
from tidegauge.query.syntax import Anything
from tidegauge.store.engines.rollups import ARRIVALS, rolled_sql
from tidegauge.store.segment import HOUR, MINUTE, MINUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegauge.analysis.clock_reach import Reaches
    from tidegauge.query.rolled import Rolled
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.segment import Rollup, Segment


ARRIVED = "rolled_arrivals"
"""The relation of the minutes in which these flows arrived."""
PAST = "rolled_past"
"""The relation of the minutes in which those of them arrived that are history, and how many did."""


EVEN_ZONES = 94_694_400 * 1_000_000_000
"""The year 1973: before it a place had a clock that was not at full minutes of all others (Liberia)."""


class RolledFlows(NamedTuple):
    """Which segments are answered by the table of their rollups that is ``asked``.

    ``left_out`` are the paths of all whose flows are not to be read. ``past`` are the rollups among them that
    are history, ``cut`` those of history besides that an end of the range cuts, to ``whole_hours``, and
    ``outside`` those of which no flow lived in the range. ``moved`` are flows whose times are put right and
    lie in the range then, all of them.
    """

    asked: Rolled
    rollups: tuple[Rollup, ...]
    left_out: frozenset[str]
    time_range: TimeRange
    past: tuple[Rollup, ...] = ()
    cut: tuple[Rollup, ...] = ()
    outside: tuple[Rollup, ...] = ()
    moved: tuple[Moved, ...] = ()

    @property
    def table(self) -> str:
        """The table of the rollups."""
        return self.asked.table

    @property
    def whole_hours(self) -> TimeRange:
        """The range without the hours that its ends cut."""
        since, until = self.time_range.since, self.time_range.until
        return TimeRange(
            None if since is None else -(-since // HOUR) * HOUR,
            None if until is None else until // HOUR * HOUR,
        )

    @property
    def has_history(self) -> bool:
        """Whether they tell of flows that are gone."""
        return bool(self.past or self.cut or self.outside)

    @property
    def files(self) -> int:
        """How many rollups are looked at."""
        return len(self._looked_at)

    @property
    def rows(self) -> int:
        """How many rows of rollups are looked at."""
        return sum(rollup.tables[self.table][0] for rollup in self._looked_at)

    @property
    def bytes(self) -> int:
        """How many bytes that is."""
        return sum(rollup.tables[self.table][1] for rollup in self._looked_at)

    @property
    def _looked_at(self) -> list[Rollup]:
        return [rollup for rollups, _ in self._parts for rollup in rollups]

    def extent(self, other: TimeRange) -> TimeRange:
        """The time that these flows span, but for those that are moved, and others, who span ``other``."""
        firsts = [rollup.first for rollup in (*self.rollups, *self.cut)]
        lasts = [rollup.last for rollup in (*self.rollups, *self.cut)]
        since = min([*firsts, *([] if other.since is None else [other.since])], default=None)
        return TimeRange(since, max([*lasts, *([] if other.until is None else [other.until])], default=None))

    def show(self, engine: Engine) -> None:
        """Let statements see the sums as a relation."""
        parameters = Parameters()
        where = "" if isinstance(self.asked.term, Anything) else predicate(self.asked.term, parameters)
        kind = "TABLE" if where else "VIEW"  # a view holds no values
        sums = self._select(self.table, self.asked.columns, where)
        engine.rows(f"CREATE TEMP {kind} {RELATION} AS {sums}", parameters.values)
        engine.rows(f"CREATE TEMP VIEW {ARRIVED} AS {self._select(ARRIVALS)}")
        arrivals = [((*self.past, *self.outside), TimeRange()), (self.cut, self.whole_hours)]
        counted = [_arrived(rollups, ends) for rollups, ends in arrivals if rollups]
        if self.has_history:
            engine.rows(f"CREATE TEMP VIEW {PAST} AS {' UNION ALL '.join(counted)}")

    def _select(self, table: str, columns: Sequence[str] = (), where: str = "") -> str:
        parts = (
            rolled_sql(table, rollups, ends.since, ends.until, columns, where)
            for rollups, ends in self._parts
        )
        return " UNION ALL ".join(parts)

    @property
    def _parts(self) -> list[tuple[tuple[Rollup, ...], TimeRange]]:
        moved = tuple(each.rollup for each in self.moved)
        all_parts = (self.rollups, self.time_range), (self.cut, self.whole_hours), (moved, TimeRange())
        return [(rollups, ends) for rollups, ends in all_parts if rollups]


def _arrived(rollups: Sequence[Rollup], time_range: TimeRange) -> str:
    """The SELECT of how many flows of some rollups arrived in each minute of a range."""
    limits = [] if time_range.since is None else [f"minute >= {time_range.since // MINUTE}"]
    limits += [] if time_range.until is None else [f"minute < {time_range.until // MINUTE}"]
    where = " AND ".join(limits) or "TRUE"
    return f"SELECT minute, flows FROM ({rolled_sql(ARRIVALS, rollups, None, None, ())}) WHERE {where}"


def rolled_flows(
    segments: Iterable[Segment],
    asked: Rolled,
    time_range: TimeRange,
    reaches: Reaches,
    history: Iterable[Segment] = (),
) -> RolledFlows | None:
    """What rollups tell of the flows of some segments, and of history, in a range; None if nothing."""
    rollups: list[Rollup] = []
    moved: list[Moved] = []
    left_out: set[str] = set()
    table = asked.table
    past, cut, outside = _past(history, table, time_range)
    for segment in segments:
        rollup = segment.rollup
        if rollup is None or not {table, ARRIVALS} <= rollup.tables.keys() or rollup.first < EVEN_ZONES:
            continue
        reach = reaches.between(segment.received_min, segment.received_max)
        if reach:
            found = Moved(segment.path, rollup, reach)
            is_inside = table != MINUTES and found.is_inside(time_range)
            if is_inside:
                moved.append(found)
            if is_inside or found.is_outside(time_range):
                left_out.add(segment.path)
        elif not touches(rollup, time_range):
            left_out.add(segment.path)
        elif _is_whole(rollup, time_range):
            left_out.add(segment.path)
            rollups.append(rollup)
    if not (rollups or moved or past or cut):
        return None
    return RolledFlows(
        asked,
        (*rollups, *past),
        frozenset(left_out),
        time_range,
        tuple(past),
        tuple(cut),
        tuple(outside),
        tuple(moved),
    )


def _past(
    history: Iterable[Segment], table: str, time_range: TimeRange
) -> tuple[list[Rollup], list[Rollup], list[Rollup]]:
    """The rollups of history: that tell all of the range, of which an end cuts an hour, and outside."""
    past: list[Rollup] = []
    cut: list[Rollup] = []
    outside: list[Rollup] = []
    for segment in history:
        rollup = segment.rollup
        if rollup is None or not {table, ARRIVALS} <= rollup.tables.keys():
            continue
        if not touches(rollup, time_range):
            outside.append(rollup)
        else:
            (past if _is_whole(rollup, time_range) else cut).append(rollup)
    return past, cut, outside


def touches(rollup: Rollup, time_range: TimeRange) -> bool:
    """Whether a flow that it tells of may have lived in a range."""
    since, until = time_range.since, time_range.until
    return (since is None or rollup.last >= since) and (until is None or rollup.first < until)


def _is_whole(rollup: Rollup, time_range: TimeRange) -> bool:
    """Whether no hour that the rollup tells apart lies on both sides of an end of the range.

    Hours for series as well: which losses stand beside an answer is known by the hour.
    """
    since, until = time_range.since, time_range.until
    begins = since is None or since % HOUR == 0 or rollup.first >= since
    return begins and (until is None or until % HOUR == 0 or rollup.last < until)
