from __future__ import annotations

import pytest

from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.vouching import KERNEL_STRATUM, UNSYNCHRONISED_STRATUM, vouching_from_clock

NOW = 1_795_000_000 * 10**9


@pytest.mark.parametrize(
    ("bound", "local_stratum", "stratum", "dispersion"),
    [
        (None, None, UNSYNCHRONISED_STRATUM, 0),
        (None, 5, 5, 0),
        (3_000_000, None, KERNEL_STRATUM, 3_000_000),
        (3_000_000, 5, 5, 3_000_000),
    ],
)
def test_the_kernel_knows_or_the_operator_decrees_or_nobody_does(
    bound: int | None, local_stratum: int | None, stratum: int, dispersion: int
) -> None:
    word = vouching_from_clock(OwnClock(bound), local_stratum, NOW)
    assert (word.stratum, word.root_dispersion, word.reference_time) == (stratum, dispersion, NOW)


def test_who_knows_how_many_hops_the_time_has_come_says_so() -> None:
    assert vouching_from_clock(OwnClock(5, stratum=3), None, NOW).stratum == 3
    assert vouching_from_clock(OwnClock(None, stratum=3), None, NOW).stratum == UNSYNCHRONISED_STRATUM
