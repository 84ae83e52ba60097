from __future__ import annotations

from tidegauge.clock.feasible_set import Limit, feasible_set
from tidegauge.clock.probable_line import ProbableLine
from tidegauge.clock.snapshot import Snapshot

SECOND = 1_000_000_000
NOW = 1_800_000_000 * SECOND
LINES = feasible_set([Limit(NOW, 1_000_000)], [Limit(NOW, 3_000_000)])


def test_an_offset_is_the_probable_one_as_far_as_it_is_possible() -> None:
    probable = ProbableLine(NOW, 2_000_000, 10.0, 1, 0.0, 0)
    inside = Snapshot(LINES, probable, is_open=False, quantum=1)
    assert inside.offset_at(NOW) == 2_000_000
    far = Snapshot(LINES, ProbableLine(NOW, 9_000_000, 0.0, 1, 0.0, 0), is_open=False, quantum=1)
    assert far.offset_at(NOW) == far.bounds_at(NOW)[1]


def test_bounds_that_know_more_than_the_fit_are_met_in_their_middle() -> None:
    unsure = ProbableLine(NOW, 9_000_000, 0.0, 5_000_000, 0.0, 0)
    assert Snapshot(LINES, unsure, is_open=False, quantum=1).offset_at(NOW) == 2_000_000
    assert Snapshot(LINES, unsure, is_open=True, quantum=1).offset_at(NOW) == 9_000_000


def test_an_open_one_claims_no_upper_bound() -> None:
    snapshot = Snapshot(LINES, ProbableLine(NOW, 9_000_000, 0.0, 1, 0.0, 0), is_open=True, quantum=1)
    low, high = snapshot.bounds_at(NOW)
    assert low is not None
    assert low <= 1_000_000
    assert high is None
    assert snapshot.offset_at(NOW) == 9_000_000
