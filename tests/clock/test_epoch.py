from __future__ import annotations

from random import Random

import pytest

from tidegauge.clock.epoch import DELAY_CAP, UNSETTLED, Assumed, Cause, Epoch
from tidegauge.clock.feasible_set import Limit
from tidegauge.clock.sighting import Sighting, sightings
from tidegauge.lab.header_clock import HeaderClock, irregular

SECOND, MILLISECOND = 1_000_000_000, 1_000_000
ORIGIN = 1_800_000_000 * SECOND
FAST = HeaderClock(origin=ORIGIN, offset=300 * SECOND, skew_ppm=20, quantum=MILLISECOND)


def seen_of(clock: HeaderClock, seconds: float, seed: int = 1) -> list[Sighting]:
    random = Random(seed)
    return list(sightings(sorted(clock.stamps(irregular(clock.origin, seconds, 5, random), random))))


def epoch_of(clock: HeaderClock, seconds: float, assumed: Assumed | None = None) -> Epoch:
    first, *others = seen_of(clock, seconds)
    epoch = Epoch(first, clock.quantum, Cause.START, assumed or Assumed())
    for seen in others:
        epoch.add(seen, clock.quantum)
    return epoch


def test_what_is_known_at_its_end_is_bounded_and_probable() -> None:
    epoch = epoch_of(FAST, 60)
    known, truth = epoch.estimate(), FAST.offset_at(epoch.until)
    assert known.low is not None
    assert known.high is not None
    assert known.low <= truth <= known.high <= known.low + DELAY_CAP + 10 * MILLISECOND
    assert known.low <= known.offset <= known.high
    assert known.offset == pytest.approx(truth, abs=2 * MILLISECOND)
    assert known.skew_ppm == pytest.approx(20, abs=15)
    assert not known.breaks_cap


def test_the_quantum_is_the_finest_seen() -> None:
    first, second, third = seen_of(FAST, 3)
    epoch = Epoch(first, SECOND, Cause.START, Assumed())
    epoch.add(second, MILLISECOND)
    epoch.add(third, SECOND)
    assert epoch.quantum == MILLISECOND


@pytest.mark.parametrize(("mean_delay", "breaks"), [(5, False), (20, False), (60, True), (200, True)])
def test_a_cap_that_some_delays_probably_exceed_is_not_trusted(mean_delay: int, *, breaks: bool) -> None:
    jittery = HeaderClock(origin=ORIGIN, quantum=MILLISECOND, mean_delay=mean_delay * MILLISECOND)
    assert epoch_of(jittery, 60).estimate().breaks_cap is breaks


def test_a_cap_that_most_delays_exceed_is_noticed() -> None:
    """Datagrams take 30 ms at least, and are said to take 5 ms at most: what is likely is not possible."""
    slow = HeaderClock(origin=ORIGIN, quantum=MILLISECOND, least_delay=0, mean_delay=30 * MILLISECOND)
    epoch = epoch_of(slow, 60, Assumed(delay_cap=5 * MILLISECOND))
    assert epoch.late > 30
    low, _ = epoch.bounds_at(epoch.until)
    assert low is not None
    assert low <= slow.offset_at(epoch.until)


def test_where_it_ends_with_a_small_step_the_last_looks_no_longer_count() -> None:
    epoch = epoch_of(FAST, 60)
    before = epoch.bounds_at(ORIGIN + 20 * SECOND)
    shown = epoch.bounds_at(epoch.until)
    at = epoch.until + SECOND
    for _ in range(UNSETTLED // 2):  # of the next epoch, which is 100 ms ahead
        epoch.add(Sighting(at, FAST.offset_at(at) + 99 * MILLISECOND, at, FAST.offset_at(at)), MILLISECOND)
    assert (epoch.bounds_at(at)[0] or 0) > FAST.offset_at(at)
    epoch.end(100 * MILLISECOND)
    assert (epoch.bounds_at(ORIGIN + 20 * SECOND)[0] or 0) <= FAST.offset_at(ORIGIN + 20 * SECOND)
    assert (shown[1] or 0) >= FAST.offset_at(epoch.until)
    assert before[0] is not None


def test_where_it_ends_with_a_large_step_nothing_is_lost() -> None:
    epoch = epoch_of(FAST, 60)
    before = epoch.bounds_at(epoch.until)
    epoch.end(3600 * SECOND)
    assert epoch.bounds_at(epoch.until) == before


def test_an_epoch_in_doubt_claims_no_upper_bound() -> None:
    epoch = epoch_of(FAST, 10)
    epoch.is_doubtful = True
    low, high = epoch.bounds_at(epoch.until)
    assert low is not None
    assert high is None


def test_limits_of_another_origin_narrow_it() -> None:
    epoch = epoch_of(FAST, 60)
    truth = FAST.offset_at(epoch.until)
    epoch.limit([Limit(epoch.until, truth - 7)], [Limit(epoch.until, truth + 7), Limit(epoch.until, 0)])
    low, high = epoch.bounds_at(epoch.until)
    assert low == pytest.approx(truth - 7, abs=3)
    assert high == pytest.approx(truth + 7, abs=3)
