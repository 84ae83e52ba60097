"""The office as one stream of flows in the order in which its routers let go of them."""

from __future__ import annotations

import heapq
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from tidegauge.lab.activity import DAY, MINUTE, SECOND, Activity
from tidegauge.lab.call import Call, calls, single_call
from tidegauge.lab.conversation import ACTIVE_TIMEOUT_SECONDS, Flow, flows_of, knocks
from tidegauge.lab.day import day
from tidegauge.lab.lan import Lan
from tidegauge.lab.people import PEOPLE
from tidegauge.lab.story import OPENING, story

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegauge.lab.truth import Truth

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
    """Plays activities on a network and hands out their flows.

    ``activities`` must come by start time. Connections that end after ``live_from`` are reported
    every ten seconds instead of every minute, so that a page which has just opened has something to move.
    What is handed out is told to ``truth`` as well, if there is one.
    """

    def __init__(
        self,
        activities: Iterator[Activity],
        lan: Lan,
        random: Random,
        live_from: int,
        truth: Truth | None = None,
    ) -> None:
        self.lan = lan
        self._activities = activities
        self._next = next(activities, None)
        self._random = random
        self._live_from = live_from
        self._truth = truth
        self._calls: list[tuple[int, int, Call]] = []
        self._flows: list[tuple[int, int, Flow, Call]] = []
        self._serial = count()

    def flows_until(self, moment: int) -> list[Flow]:
        """Return the flows whose export is due by ``moment``, each exactly once over all calls."""
        self._play_until(moment)
        due = []
        while self._flows and self._flows[0][0] <= moment:
            _, _, flow, call = heapq.heappop(self._flows)
            due.append(flow)
            if self._truth:
                self._truth.exported(flow, call)
        return due

    def _play_until(self, moment: int) -> None:
        """Begin what begins by then: a lease or a memory runs out in between, so strictly by time."""
        while True:
            planned = self._calls[0][0] if self._calls else moment + 1
            if self._next is not None and self._next.start <= min(moment, planned):
                self._begin(self._next)
                self._next = next(self._activities, None)
            elif planned <= moment:
                self._connect(heapq.heappop(self._calls)[2])
            else:
                return

    def _begin(self, activity: Activity) -> None:
        if activity.service.category == "scan":
            laptop = self.lan.ipv4(activity.device, activity.start, activity.end)
            call = single_call(activity)
            self._report(knocks(activity, laptop, self._random), call)
            return
        for call in calls(activity, self._random):
            heapq.heappush(self._calls, (call.start, next(self._serial), call))

    def _connect(self, call: Call) -> None:
        for conversation in self.lan.connect(call):
            if self._truth:
                self._truth.connected(conversation)
            is_live = conversation.call.end >= self._live_from
            timeout = LIVE_ACTIVE_TIMEOUT_SECONDS if is_live else ACTIVE_TIMEOUT_SECONDS
            self._report(flows_of(conversation, self._random, timeout), conversation.call)

    def _report(self, flows: Iterable[Flow], call: Call) -> None:
        for flow in flows:
            heapq.heappush(self._flows, (flow.export_after, next(self._serial), flow, call))


def demonstration_office(seed: int, now: int, midnight: int, truth: Truth | None = None) -> Office:
    """Return the office that opened a day before ``now`` and is at its busiest from now on."""
    random = Random(f"{seed}/{now // SECOND}")  # noqa: S311 (a simulation must repeat)
    return Office(activities_around(seed, now, midnight), Lan(seed), random, now, truth)
