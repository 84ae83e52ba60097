"""What really happened, as plain data: what an answer about the office is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.lab.activity import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.lab.activity import Activity


@dataclass(frozen=True, slots=True)
class Usage:
    """One person's use of one service: how often, how long, how much.

    ``minutes`` is the union of the times in use: two pages open at once do not count twice.
    """

    who: str
    service: str
    activities: int
    minutes: float
    bytes_up: int
    bytes_down: int


def usages(activities: Iterable[Activity]) -> list[Usage]:
    """Sum activities by person and service, most bytes first."""
    groups: dict[tuple[str, str], list[Activity]] = {}
    for activity in activities:
        groups.setdefault((activity.who, activity.service.name), []).append(activity)
    sums = [
        Usage(
            who,
            service,
            len(members),
            _time_in_use(members) / MINUTE,
            sum(member.bytes_up for member in members),
            sum(member.bytes_down for member in members),
        )
        for (who, service), members in groups.items()
    ]
    return sorted(sums, key=lambda usage: usage.bytes_up + usage.bytes_down, reverse=True)


def _time_in_use(activities: list[Activity]) -> int:
    total = 0
    reached = 0
    for activity in sorted(activities, key=lambda activity: activity.start):
        total += max(0, activity.end - max(activity.start, reached))
        reached = max(reached, activity.end)
    return total
