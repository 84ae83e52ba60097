"""Late datagrams about the moment a clock is set back."""

from __future__ import annotations

from random import Random

import pytest

from tests.clock.test_epochs import ORIGIN, SECOND, Stamps, epochs_of, stamps_of
from tidegauge.clock.epoch import Cause, Epoch
from tidegauge.clock.sighting import Sighting
from tidegauge.clock.suspicion import MOST_CANDIDATES, Suspicion
from tidegauge.lab.header_clock import HeaderClock

MILLISECOND = 1_000_000
SET_AT = ORIGIN + 20 * SECOND
BEFORE = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20, quantum=1)
AFTER = HeaderClock(origin=SET_AT, offset=0, skew_ppm=20, quantum=1)


def late(clock: HeaderClock, sent: int, by: int) -> Stamps:
    """A header written at a moment that arrived too late."""
    return [(sent + by, sent + clock.offset_at(sent))]


def begun(stamps: Stamps) -> list[int]:
    """After how many milliseconds each epoch but the first began."""
    return [round((epoch.began - ORIGIN) / MILLISECOND) for epoch in epochs_of(stamps, quantum=1).epochs[1:]]


@pytest.mark.parametrize("by", [300, 700, 900])
def test_a_late_datagram_just_before_the_step_is_no_step_of_its_own(by: int) -> None:
    random = Random(3)
    before = stamps_of(BEFORE, 19, random, rate=2)
    after = stamps_of(AFTER, 20, random, rate=2)
    delayed = late(BEFORE, ORIGIN + 19 * SECOND + 50 * MILLISECOND, by * MILLISECOND)
    first = min(arrival for arrival, _ in after)
    [began] = begun(before + delayed + after)
    assert 0 <= began - (first - ORIGIN) // MILLISECOND <= 1000, "sightings are of a second each"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_late_datagram_just_after_the_step_moves_it_nowhere(place: int) -> None:
    random = Random(4)
    on_time = [ORIGIN + (20 + number) * SECOND for number in range(1, 12)]
    after = [
        late(AFTER, sent, (600 if number == place else 1) * MILLISECOND)[0]
        for number, sent in enumerate(on_time)
    ]
    first = min(arrival for arrival, _ in after)
    assert begun(stamps_of(BEFORE, 19, random, rate=2) + after) == [round((first - ORIGIN) / MILLISECOND)]


def test_a_queue_that_grows_and_empties_again_is_no_step() -> None:
    random = Random(5)
    queue = [late(BEFORE, SET_AT + number * SECOND, number * 600 * MILLISECOND)[0] for number in range(1, 9)]
    later = HeaderClock(
        origin=SET_AT + 20 * SECOND, offset=BEFORE.offset_at(SET_AT + 20 * SECOND), skew_ppm=20, quantum=1
    )
    stamps = stamps_of(BEFORE, 19, random, rate=2) + queue + stamps_of(later, 20, random, rate=2)
    [epoch] = epochs_of(stamps, quantum=1).epochs
    assert epoch.late == len(queue)


def test_what_might_have_begun_is_bounded() -> None:
    known = Epoch(
        Sighting(ORIGIN, 0, ORIGIN, 0), 1, Cause.START, epochs_of([(ORIGIN, ORIGIN)]).epochs[0].assumed
    )
    made = list[Epoch]()

    def begin(seen: Sighting, quantum: int) -> Epoch:
        made.append(Epoch(seen, quantum, Cause.STEP, known.assumed))
        return made[-1]

    suspicion = Suspicion(known, begin)
    for number in range(1, 4 * MOST_CANDIDATES):
        at = ORIGIN + number * SECOND // 10
        suspicion.see(Sighting(at, -number * SECOND, at, -number * SECOND), 1, is_back=True)
    assert len(made) > 2 * MOST_CANDIDATES
    assert suspicion.confirm() is None
    ahead_of_oldest = Sighting(ORIGIN + 60 * SECOND, -2 * SECOND, ORIGIN + 60 * SECOND, -2 * SECOND)
    suspicion.see(ahead_of_oldest, 1, is_back=False)
    assert suspicion.is_dispelled, "the oldest, which alone allowed for it, was let go"
