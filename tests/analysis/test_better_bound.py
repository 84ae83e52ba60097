from __future__ import annotations

import math

import pytest

from tests.analysis.test_clock_pairs import said
from tidegauge.analysis.better_bound import Bound, width, with_bound

CAP, SKEW = "delay at most 250 ms", "skew at most 100 ppm"


def bounded(own: tuple[float | None, float | None], new: tuple[float, float]) -> tuple[object, ...]:
    told = with_bound(said(*own, assumptions=[CAP, SKEW]), Bound(*new, "better", ["trust"]), "no fit")
    return told["offset_low"], told["offset_high"], told["method"], told["assumptions"], told["note"]


@pytest.mark.parametrize(
    ("own", "new", "told"),
    [
        ((-1, 1), (-0.5, 0.5), (-0.5, 0.5, "better", ["trust"], "")),
        # What stays is what its own assumptions are needed for; the lower side needs no cap of delays.
        ((-0.4, 1), (-0.5, 0.5), (-0.4, 0.5, "better", ["trust", SKEW], "")),
        ((-1, 0.4), (-0.5, 0.5), (-0.5, 0.4, "better", ["trust", CAP, SKEW], "")),
        ((None, None), (-0.5, 0.5), (-0.5, 0.5, "better", ["trust"], "")),
        ((-0.5, 0.5), (-0.45, 0.45), (-0.5, 0.5, "fitted to headers", [CAP, SKEW], "")),
        ((-0.5, 0.5), (0.6, 0.7), (-0.5, 0.5, "fitted to headers", [CAP, SKEW], "no fit")),
        ((-0.5, None), (-0.8, -0.6), (-0.5, None, "fitted to headers", [CAP, SKEW], "no fit")),
    ],
)
def test_a_better_bound_is_taken_over(
    own: tuple[float | None, float | None], new: tuple[float, float], told: tuple[object, ...]
) -> None:
    assert bounded(own, new) == told


def test_sides_that_are_open_or_exclude_each_other_have_no_width() -> None:
    assert width(said(1.0, 3.0)) == 2.0
    assert [width(said(*sides)) for sides in ((None, 1.0), (1.0, None), (2.0, 1.0))] == [math.inf] * 3
