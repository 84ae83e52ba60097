"""What everything a question is about comes to, beside the groups it is split into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegauge.clock.timerange import TimeRange
from tidegauge.query.ranking import totals as totals_statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.analysis.reading import Reading


@dataclass(frozen=True, slots=True)
class Totals:
    """Metrics over all flows of a question, the time they span, and what their reader should be told."""

    metrics: dict[str, int | None]
    extent: TimeRange
    warnings: tuple[str, ...]
    flows_of_groups: int

    def minus(self, rows: Iterable[dict[str, Any]]) -> dict[str, int | None]:
        """What the other groups come to. Only right where groups do not overlap.

        A record of both directions is one flow here, but may be one in each of two groups.
        """
        left = dict(self.metrics)
        if "flows" in left:
            left["flows"] = self.flows_of_groups
        for row in rows:
            for name, whole in left.items():
                left[name] = None if whole is None else whole - (row[name] or 0)
        return left


def totals_of(reading: Reading) -> Totals:
    """Count everything the question is about."""
    statement = totals_statement(reading.query, reading.time_range)
    [(*counts, clamped, first, last, flows_of_groups)] = reading.tuples(statement)
    names = [column.name for column in statement.columns]
    metrics = dict(zip(names, counts, strict=False))
    if "flows" in metrics:
        metrics["flows"] = metrics["flows"] or 0
    warning = f"{clamped} flows claim to have lived longer than a day; only their last day is counted"
    return Totals(metrics, TimeRange(first, last), (warning,) if clamped else (), flows_of_groups)
