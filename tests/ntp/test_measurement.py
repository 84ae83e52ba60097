from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.ntp.measurement import Measurement
from tidegauge.ntp.packet import Leap

NOW = 1_795_000_000 * 10**9
MILLISECOND = 10**6
EXACT = Measurement(
    server="192.0.2.1",
    port=123,
    sent=NOW,
    server_received=NOW + 5 * MILLISECOND,
    server_sent=NOW + 6 * MILLISECOND,
    received=NOW + 11 * MILLISECOND,
    leap=Leap.NONE,
    stratum=1,
    precision=-30,
    root_delay=0,
    root_dispersion=0,
    reference_id="GPS",
)


def test_equal_ways_give_the_exact_offset() -> None:
    ahead = replace(EXACT, server_received=EXACT.server_received + 300, server_sent=EXACT.server_sent + 300)
    assert (EXACT.offset, EXACT.delay, ahead.offset, ahead.delay) == (
        0,
        10 * MILLISECOND,
        300,
        10 * MILLISECOND,
    )


@given(
    theta=st.integers(-(10**18), 10**18),
    there=st.integers(0, 10**9),
    thinking=st.integers(0, 10**7),
    back=st.integers(0, 10**9),
)
def test_the_bound_holds_however_unequal_the_ways_are(
    theta: int, there: int, thinking: int, back: int
) -> None:
    measurement = replace(
        EXACT,
        server_received=NOW + there + theta,
        server_sent=NOW + there + thinking + theta,
        received=NOW + there + thinking + back,
    )
    assert measurement.bound is not None
    assert abs(measurement.offset - theta) <= measurement.bound
    assert measurement.bound <= (there + back) // 2 + (there + thinking + back) // 50_000 + 3


def test_the_bound_holds_the_servers_own_error() -> None:
    rooted = replace(
        EXACT, stratum=3, root_delay=40 * MILLISECOND, root_dispersion=7 * MILLISECOND, precision=-20
    )
    assert EXACT.bound is not None
    assert rooted.bound == EXACT.bound + 27 * MILLISECOND + 953


@pytest.mark.parametrize(
    "ignorant",
    [
        replace(EXACT, leap=Leap.UNSYNCHRONISED),
        replace(EXACT, stratum=0),
        replace(EXACT, stratum=16),
        replace(EXACT, root_dispersion=16 * 10**9),
    ],
)
def test_a_server_that_does_not_know_the_time_bounds_nothing(ignorant: Measurement) -> None:
    assert (ignorant.is_synchronised, ignorant.bound) == (False, None)
    assert ignorant.offset == EXACT.offset
