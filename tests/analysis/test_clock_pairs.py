from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.clock.test_two_way import Device
from tests.sample_lake import NOON, SECOND
from tidegauge.analysis.clock_exchanges import CUT, OTHER_TIME
from tidegauge.analysis.clock_pairs import ONE_CLOCK, ONE_PATH, Span, with_pairs
from tidegauge.analysis.clock_sightings import WALL, ClockKey
from tidegauge.analysis.crossings import Compared, Told
from tidegauge.clock.two_way import Crossing, difference_either_way

MILLISECOND = 1_000_000
EDGE, CORE, BRANCH = (ClockKey(f"192.0.2.{number}", 1, WALL) for number in (1, 2, 3))
SPAN = Span(0, NOON + 600 * SECOND)
SPANS = dict.fromkeys((EDGE, CORE, BRANCH), SPAN)


def said(low: float | None, high: float | None, **changed: Any) -> dict[str, Any]:
    """What ``clocks`` tells of a clock."""
    middle = None if low is None or high is None else (low + high) / 2
    return {
        "offset_seconds": middle,
        "offset_low": low,
        "offset_high": high,
        "drift_ppm": None,
        "state": "good",
        "method": "fitted to headers",
        "corrected": False,
        "assumptions": ["delay at most 250 ms"],
        "note": "",
    } | changed


WELL = said(-0.001, 0.001, method="two-way (10 exchanges)", assumptions=["skew at most 100 ppm"])


def crossings(
    first: Device, second: Device, count: int = 20, chance: Random | None = None, between: int = MILLISECOND
) -> list[Compared]:
    """What two routers tell of a stranger's questions, the first one nearer to who asks."""
    chance = chance or Random(1)
    ours, theirs = [], []
    for _ in range(count):
        passed = NOON + chance.randrange(600 * SECOND)
        legs = [
            chance.randrange(1, between),
            chance.randrange(40 * MILLISECOND),
            chance.randrange(1, between),
        ]
        moments = [passed, passed + legs[0], passed + sum(legs[:2]), passed + sum(legs)]
        near = Crossing(first.sees(moments[0]), first.sees(moments[3]))
        far = Crossing(second.sees(moments[1]), second.sees(moments[2]))
        if chance.random() < 0.5:  # nobody knows which packet was the question
            near, far = Crossing(*reversed(near)), Crossing(*reversed(far))
        low, high = difference_either_way(near, far)
        arrival = passed + 15 * SECOND
        ours.append(Told(near.question.least, arrival, low, high))
        theirs.append(Told(far.question.least, arrival, -high, -low))
    return [Compared(EDGE, CORE, tuple(ours)), Compared(CORE, EDGE, tuple(theirs))]


@pytest.mark.parametrize("error", [300, -300])
def test_a_clock_that_is_well_known_bounds_the_other(error: int) -> None:
    pairs = crossings(Device(0, step=MILLISECOND), Device(error * SECOND, step=MILLISECOND))
    own = said(error - 0.25, error + 0.25, state="wrong")
    known = with_pairs({EDGE: WELL, CORE: own}, pairs, SPANS)
    told = known[CORE]
    assert told["offset_low"] <= error <= told["offset_high"] <= told["offset_low"] + 0.008
    assert told["method"] == "on one path with 192.0.2.1 (20 exchanges)"
    assert told["assumptions"] == ["skew at most 100 ppm", CUT, ONE_PATH, ONE_CLOCK]
    assert known[EDGE] == WELL


def test_a_bound_that_is_hardly_better_changes_nothing() -> None:
    pairs = crossings(Device(0), Device(0))
    own = said(-0.0013, 0.0013)
    assert with_pairs({EDGE: WELL, CORE: own}, pairs, SPANS)[CORE] == own


def test_an_open_side_is_closed_and_a_wrong_clock_found() -> None:
    pairs = crossings(Device(0), Device(-300 * SECOND))
    own = said(-310.0, None, state="phase_locked", note="sends at one moment of its second")
    told = with_pairs({EDGE: WELL, CORE: own}, pairs, SPANS)[CORE]
    assert told["offset_low"] <= -300 <= told["offset_high"] < -299.99
    assert told["state"] == "wrong"
    assert told["note"].startswith("at least 299.99")
    assert told["note"].endswith("slow; sends at one moment of its second")


def test_who_became_known_tells_others() -> None:
    pairs = crossings(Device(0), Device(SECOND))
    further = [
        each._replace(
            first=BRANCH if each.first == EDGE else CORE, second=BRANCH if each.second == EDGE else CORE
        )
        for each in crossings(Device(2 * SECOND), Device(SECOND))
    ]
    told = {EDGE: WELL, CORE: said(0.5, 1.5), BRANCH: said(1.0, 3.0)}
    known = with_pairs(told, [*pairs, *further], SPANS)
    assert known[BRANCH]["offset_low"] <= 2 <= known[BRANCH]["offset_high"] <= 2.02
    assert "192.0.2.2" in known[BRANCH]["method"]


def test_packets_of_an_earlier_epoch_say_nothing_of_this_one() -> None:
    pairs = crossings(Device(0), Device(300 * SECOND))
    spans = SPANS | {CORE: Span(NOON + 700 * SECOND, NOON + 800 * SECOND)}
    own = said(-0.25, 0.25)
    assert with_pairs({EDGE: WELL, CORE: own}, pairs, spans)[CORE] == own


@pytest.mark.parametrize("broken", ["set in between", "the same order", "another clock in its headers"])
def test_what_does_not_fit_is_said_and_bounds_nothing(broken: str) -> None:
    pairs = crossings(Device(0), Device(0))
    if broken == "set in between":
        others = crossings(Device(0), Device(300 * SECOND))
        pairs = [one._replace(told=one.told + other.told) for one, other in zip(pairs, others, strict=True)]
    elif broken == "the same order":
        # Questions take a second from the first to the second router, and so do some answers.
        there, back = (_one_way(seconds) for seconds in (1, -1))
        pairs = [Compared(EDGE, CORE, (there, back))]
    own = said(-0.25, 0.25) if broken != "another clock in its headers" else said(9.9, 10.1)
    told = with_pairs({EDGE: WELL, CORE: own}, pairs, SPANS)[CORE]
    assert told == own | {"note": "packets that 192.0.2.1 told of as well do not fit"}


def _one_way(seconds: int) -> Told:
    return Told(NOON, NOON + SECOND, seconds * SECOND - MILLISECOND, seconds * SECOND + MILLISECOND)


def test_a_clock_of_which_nothing_is_known_takes_no_part() -> None:
    pairs = crossings(Device(0), Device(0))
    restless, strange = said(None, None, state="unknown"), WELL | {"note": f"{OTHER_TIME}, off 5 s"}
    for known in ({EDGE: WELL, CORE: restless}, {EDGE: strange, CORE: said(-0.25, 0.25)}):
        assert with_pairs(known, pairs, SPANS) == known
    assert with_pairs({EDGE: WELL}, pairs, SPANS) == {EDGE: WELL}


def test_the_truth_is_always_inside() -> None:
    """10,000 pairs of clocks of any error, drift and step, with ways as unequal as they come."""
    chance = Random(20_260_101)
    for _ in range(10_000):
        first, second = (
            Device(
                chance.randrange(-400, 400) * SECOND + chance.randrange(SECOND),
                chance.randrange(-100, 101),
                chance.choice([1, MILLISECOND, 10 * MILLISECOND, SECOND]),
            )
            for _ in range(2)
        )
        pairs = crossings(first, second, chance.randrange(1, 4), chance, chance.choice([2, 50]) * MILLISECOND)
        spans = {key: Span(0, NOON + chance.randrange(600, 660) * SECOND) for key in (EDGE, CORE)}
        truth = {key: _seconds(clock, spans[key].until) for key, clock in ((EDGE, first), (CORE, second))}
        low, high = (chance.uniform(0, 0.3) for _ in range(2))
        known = {EDGE: said(truth[EDGE] - low, truth[EDGE] + high), CORE: said(None, None)}
        told = with_pairs(known, pairs, spans)[CORE]
        assert told["offset_low"] <= truth[CORE] <= told["offset_high"]
        # As wide as what is known of the first, the way between them, and the steps of both at most.
        assert told["offset_high"] - told["offset_low"] <= low + high + 2 * (0.1 + 1 + 1)


def _seconds(clock: Device, instant: int) -> float:
    return float(clock.offset_at(instant)) / SECOND
