"""Recent sightings: those of the past hour, few enough to fit a line to them at any time."""

from __future__ import annotations

from tidegauge.clock.hard_window import EVEN_FOR
from tidegauge.clock.sighting import Sighting

MOST = 512
"""Of more, neighbours become one. It stays below what fitting a line thins anyway."""


class RecentSightings:
    """Sightings as they come; older ones are gathered more coarsely, those of an hour ago forgotten."""

    def __init__(self) -> None:
        self._rows: list[Sighting] = []

    def add(self, seen: Sighting) -> None:
        """Take one more, later than the others."""
        self._rows.append(seen)
        if len(self._rows) > MOST:
            self._rows = [row for row in self._rows if row.ahead_at >= seen.ahead_at - EVEN_FOR]
        if len(self._rows) > MOST:
            self._rows = [_joined(self._rows[place : place + 2]) for place in range(0, len(self._rows), 2)]

    @property
    def rows(self) -> tuple[Sighting, ...]:
        """In the order they came."""
        return tuple(self._rows)


def _joined(rows: list[Sighting]) -> Sighting:
    """One of a few neighbours: what a clock gains in between is far less than its readings tell."""
    ahead, behind = max(rows, key=lambda row: row.ahead), min(rows, key=lambda row: row.behind)
    return Sighting(
        ahead.ahead_at, ahead.ahead, behind.behind_at, behind.behind, sum(row.count for row in rows)
    )
