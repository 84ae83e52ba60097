"""What everything a question is about comes to, beside the groups it is split into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.rows import rows_from_tuples
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.measure import BEFORE
from tidegauge.query.ranking import extent, reported_extent
from tidegauge.query.ranking import totals as totals_statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tidegauge.analysis.reading import Reading
    from tidegauge.query.statement import Column

_FLOWS = "flows"
_ROUNDING = 1_000_000  # nanoseconds; more than a double loses of a length of time


@dataclass(frozen=True, slots=True)
class Totals:
    """Metrics over all flows of a question, the time they span, and what their reader should be told."""

    metrics: dict[str, Any]
    extent: TimeRange
    warnings: tuple[str, ...]
    flows_of_groups: int
    earlier_flows_of_groups: int = 0

    def minus(
        self, rows: Iterable[dict[str, Any]], adding: Collection[str] | None = None
    ) -> dict[str, int | None]:
        """What the other groups come to; None for metrics not in ``adding``. Groups must not overlap.

        A record of both directions is one flow here, but may be one in each of two groups.
        """
        left = {
            name: whole if adding is None or name in adding else None for name, whole in self.metrics.items()
        }
        if _FLOWS in left:
            left[_FLOWS] = self.flows_of_groups
        if f"{_FLOWS}{BEFORE}" in left:
            left[f"{_FLOWS}{BEFORE}"] = self.earlier_flows_of_groups
        for row in rows:
            for name, whole in left.items():
                left[name] = None if whole is None else whole - (row[name] or 0)
        return left


def totals_of(reading: Reading) -> Totals:
    """Count everything the question is about, and with a comparison what it was about then."""
    found = _totals(reading, reading.time_range)
    if reading.earlier is None:
        return found
    then = _totals(reading, reading.earlier)
    before = {f"{name}{BEFORE}": value for name, value in then.metrics.items()}
    return Totals(
        found.metrics | before, found.extent, found.warnings, found.flows_of_groups, then.flows_of_groups
    )


def totals_from_whole(reading: Reading, columns: Sequence[Column], whole: Sequence[Any]) -> Totals:
    """The totals told by the last row of ``ranking_with_whole``."""
    keys = len(reading.query.by)
    *counts, _, clamped, once, earlier_once = whole[keys:]
    span = TimeRange()
    if not reading.is_closed:
        more, first, last = _extent(reading)
        clamped, span = (clamped or 0) + more, reading.extent(TimeRange(first, last))
    metrics = _named(columns[keys:], counts)
    of_groups = metrics.get(_FLOWS) or 0, metrics.get(f"{_FLOWS}{BEFORE}") or 0
    if _FLOWS in metrics:
        metrics[_FLOWS] = once or 0
    if f"{_FLOWS}{BEFORE}" in metrics:
        metrics[f"{_FLOWS}{BEFORE}"] = earlier_once or 0
    return Totals(metrics, span, _warnings(clamped), *of_groups)


def _extent(reading: Reading) -> tuple[int, int | None, int | None]:
    """How many flows were clamped, the first start and the last end, in a range with an open side."""
    if reading.time_range == TimeRange():
        if known := reading.known_extent:
            return 0, known.since, known.until
        [(first, last, is_odd, longest)] = reading.tuples(reported_extent(reading.query, reading.directions))
        if not is_odd and (longest or 0) < MAX_FLOW_AGE - _ROUNDING:
            return 0, first, last
    [(clamped, first, last)] = reading.tuples(extent(reading.query, reading.time_range, reading.directions))
    return clamped, first, last


def _totals(reading: Reading, time_range: TimeRange) -> Totals:
    is_rolled = reading.rolled is not None
    statement = totals_statement(reading.query, time_range, reading.directions, is_rolled=is_rolled)
    [(*counts, clamped, first, last, flows_of_groups)] = reading.tuples(statement)
    metrics = _named(statement.columns, counts)
    if _FLOWS in metrics:
        metrics[_FLOWS] = metrics[_FLOWS] or 0
    span = reading.extent(TimeRange(first, last))
    return Totals(metrics, span, _warnings(clamped), flows_of_groups)


def _named(columns: Sequence[Column], counts: Sequence[Any]) -> dict[str, Any]:
    [row] = rows_from_tuples(columns, [tuple(counts)])
    return row


def _warnings(clamped: int | None) -> tuple[str, ...]:
    warning = f"{clamped} flows claim to have lived longer than a day; only their last day is counted"
    return (warning,) if clamped else ()
