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

    def minus(self, rows: Iterable[dict[str, Any]]) -> dict[str, int | None]:
        """What is left when these rows are taken away. Only right where no flow stands in two of them."""
        left = dict(self.metrics)
        for row in rows:
            for name, whole in left.items():
                left[name] = None if whole is None else whole - (row[name] or 0)
        return left


def totals_of(reading: Reading) -> Totals:
    """Count everything the question is about."""
    statement = totals_statement(reading.query, reading.time_range)
    [(*counts, clamped, first, last)] = reading.engine.rows(statement.sql, statement.values)
    names = [column.name for column in statement.columns]
    metrics = dict(zip(names, counts, strict=False))
    if "flows" in metrics:
        metrics["flows"] = metrics["flows"] or 0
    warning = f"{clamped} flows claim to have lived longer than a day; only their last day is counted"
    return Totals(metrics, TimeRange(first, last), (warning,) if clamped else ())
