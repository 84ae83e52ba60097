"""The office as one stream of flows in the order in which its routers let go of them."""

from __future__ import annotations

import heapq
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from tidegauge.lab.activity import DAY, MINUTE, SECOND, Activity
from tidegauge.lab.conversation import ACTIVE_TIMEOUT_SECONDS, Flow, flows_of
from tidegauge.lab.day import day
from tidegauge.lab.people import PEOPLE
from tidegauge.lab.story import OPENING, story

if TYPE_CHECKING:
    from collections.abc import Iterator

LIVE_ACTIVE_TIMEOUT_SECONDS = 10
# How much of the busy morning lies behind us when the page opens.
WARM_UP = 50 * MINUTE


def whole_day(seed: int, midnight: int) -> list[Activity]:
    """Return all that happens in the office in the day from ``midnight``, by time."""
    random = Random(f"{seed}/{midnight}")  # noqa: S311 (a simulation must repeat)
    activities = story(midnight, random)
    for person in PEOPLE:
        activities += day(person, midnight, random)
    return sorted(activities, key=lambda activity: activity.start)


def activities_around(seed: int, now: int, midnight: int) -> Iterator[Activity]:
    """Yield what happens from a day ago on, endlessly and by time.

    The past follows the clock on the wall, whose last midnight is ``midnight``. The demonstration
    may start at any hour, so the last ``WARM_UP`` and everything to come are a working morning that
    reaches ``OPENING`` just now, whatever the wall clock says.
    """
    handover = now - WARM_UP
    for start in (midnight - DAY, midnight):
        for activity in whole_day(seed, start):
            if now - DAY <= activity.start and activity.end <= handover:
                yield activity
    for number in count():
        for activity in whole_day(seed, now - OPENING + number * DAY):
            if activity.start >= handover:
                yield activity


class Office:
    """Plays activities and hands out their flows; keeps what was played as the truth.

    ``activities`` must come by start time. Connections that begin after ``live_from`` are reported
    every ten seconds instead of every minute, so that a page which has just opened has something to move.
    """

    def __init__(self, activities: Iterator[Activity], random: Random, live_from: int) -> None:
        self._activities = activities
        self._next = next(activities, None)
        self._random = random
        self._live_from = live_from
        self._pending: list[tuple[int, int, Flow]] = []
        self._serial = count()
        self.played: list[Activity] = []

    def flows_until(self, moment: int) -> list[Flow]:
        """Return the flows whose export is due by ``moment``, each exactly once over all calls."""
        while self._next is not None and self._next.start <= moment:
            self._play(self._next)
            self._next = next(self._activities, None)
        due = []
        while self._pending and self._pending[0][0] <= moment:
            due.append(heapq.heappop(self._pending)[2])
        return due

    def _play(self, activity: Activity) -> None:
        self.played.append(activity)
        is_live = activity.end >= self._live_from
        timeout = LIVE_ACTIVE_TIMEOUT_SECONDS if is_live else ACTIVE_TIMEOUT_SECONDS
        for flow in flows_of(activity, self._random, timeout):
            heapq.heappush(self._pending, (flow.export_after, next(self._serial), flow))


def demonstration_office(seed: int, now: int, midnight: int) -> Office:
    """Return the office that opened a day before ``now`` and is at its busiest from now on."""
    random = Random(f"{seed}/{now // SECOND}")  # noqa: S311 (a simulation must repeat)
    return Office(activities_around(seed, now, midnight), random, now)
