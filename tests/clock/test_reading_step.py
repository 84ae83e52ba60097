from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.reading_step import STEP_UNSEEN, step_of

MILLISECOND = 1_000_000


@given(
    st.integers(1, 10**9),
    st.integers(-(10**18), 10**18),
    st.lists(st.integers(-(10**6), 10**6), min_size=2, unique=True),
)
def test_a_step_is_never_found_finer_than_it_is(step: int, origin: int, ticks: list[int]) -> None:
    found = step_of(origin + tick * step for tick in ticks)
    assert found >= step
    assert found % step == 0


def test_neighbouring_readings_show_the_step() -> None:
    assert step_of(1_000 + tick * MILLISECOND for tick in (7, 1_900, 3, 1_901, 3)) == MILLISECOND


def test_one_reading_shows_no_step() -> None:
    assert step_of([5, 5]) == step_of([]) == STEP_UNSEEN
