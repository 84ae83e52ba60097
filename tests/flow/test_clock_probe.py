from __future__ import annotations

from tidegauge.flow.clock_probe import ClockProbe


def test_an_answer_bounds_the_clock_from_both_sides() -> None:
    probe = ClockProbe(
        exporter="192.0.2.1", kind="ntp", sent=1_000, received=1_020, came=5_005, went=5_010, fineness=2
    )
    floor, ceiling = probe.limits
    assert (floor.offset, ceiling.offset) == (5_010 - 1_020, 5_007 - 1_000)
