"""Minutes of the ledger: which of them a range of time touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange

IN_RANGE = """\
($since IS NULL OR epoch_ns(minute) + 60000000000 > $since)
AND ($until IS NULL OR epoch_ns(minute) < $until)"""
"""The condition for minutes that overlap the range."""


def range_values(time_range: TimeRange) -> dict[str, int | str | bytes | None]:
    """The parameters of ``IN_RANGE``, which keeps the minutes that overlap the range."""
    return {"since": time_range.since, "until": time_range.until}
