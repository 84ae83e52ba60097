from __future__ import annotations

import time

from tidegauge.ntp.clock_reading import ClockReading, read_clocks


def test_clocks_are_read_together() -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW), time.time_ns()
    reading = read_clocks()
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW), time.time_ns()
    assert before[0] <= reading.raw <= after[0]
    assert before[1] <= reading.wall <= after[1]
    assert abs(read_clocks().lead - reading.lead) < 1_000_000
    assert reading.slept >= -1_000_000


def test_the_lead_is_wall_minus_raw() -> None:
    assert ClockReading(raw=3, wall=10).lead == 7


def test_clocks_are_foreseen() -> None:
    assert ClockReading(3, 10, 1).later(2) == ClockReading(2_000_000_003, 2_000_000_010, 1)
