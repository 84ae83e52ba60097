from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.flow.sampling_error import (
    SMALLEST,
    USUAL_LARGEST,
    bytes_variance,
    margin,
    packets_variance,
    squares,
)


@given(st.lists(st.integers(SMALLEST, USUAL_LARGEST), min_size=1, max_size=40))
def test_the_squares_of_real_sizes_never_exceed_what_is_assumed(sizes: list[int]) -> None:
    assert sum(size**2 for size in sizes) <= squares(sum(sizes), len(sizes))


@pytest.mark.parametrize("size", [0, 1, 19, 20, 1500, 9000, 65535])
def test_the_size_of_a_single_packet_is_known(size: int) -> None:
    assert squares(size, 1) == size**2


def test_records_without_packets_assume_the_worst() -> None:
    assert squares(7, 0) == 49


def test_what_is_not_sampled_has_no_error() -> None:
    assert (packets_variance(10, 1), bytes_variance(10, 1, 1), margin(0)) == (0, 0, 0)


def test_the_rule_of_sflow_is_the_same() -> None:
    """196 * sqrt(1 / samples) per cent, for a large interval."""
    packets, interval = 1000, 100_000
    relative = margin(packets_variance(packets, interval)) / (packets * interval)
    assert relative == pytest.approx(1.96 * (1 / packets) ** 0.5, rel=1e-4)


def test_the_truth_lies_within_the_margin_19_times_in_20() -> None:
    """One packet in 50 of 4000, of sizes as they are on networks, drawn a thousand times."""
    draw = random.Random(1)
    sizes = [draw.choice([64, 64, 576, 1500]) for _ in range(4000)]
    hits = {"packets": 0, "bytes": 0}
    for _ in range(1000):
        sampled = [size for size in sizes if draw.random() < 1 / 50]
        packets, octets = len(sampled), sum(sampled)
        hits["packets"] += abs(packets * 50 - 4000) <= margin(packets_variance(packets, 50))
        hits["bytes"] += abs(octets * 50 - sum(sizes)) <= margin(bytes_variance(octets, packets, 50))
    assert hits["packets"] >= 930
    assert hits["bytes"] >= 950  # wider on purpose
