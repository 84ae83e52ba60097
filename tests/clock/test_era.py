from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.era import SECONDS_CYCLE, instant_from_unix_seconds, unfold

CYCLES = st.sampled_from([2**32, 2**64, 1000])
MOMENTS = st.integers(-(2**80), 2**80)


@given(MOMENTS, MOMENTS, CYCLES)
def test_the_unfolded_number_is_the_nearest_that_fits(wrapped: int, near: int, cycle: int) -> None:
    unfolded = unfold(wrapped, cycle, near)
    assert (unfolded - wrapped) % cycle == 0
    assert abs(unfolded - near) <= cycle // 2


@pytest.mark.parametrize("seconds", [1_795_000_000, 2**31 - 1, 2**31, SECONDS_CYCLE - 1])
def test_header_seconds_are_read_as_unix_time_until_2106(seconds: int) -> None:
    near = (seconds - 3600) * 10**9
    assert instant_from_unix_seconds(seconds, near) == seconds * 10**9


def test_header_seconds_start_over_in_2106() -> None:
    in_2106 = (SECONDS_CYCLE + 5) * 10**9
    assert instant_from_unix_seconds(5, near=in_2106) == in_2106
    assert instant_from_unix_seconds(SECONDS_CYCLE - 1, near=in_2106) == in_2106 - 6 * 10**9
