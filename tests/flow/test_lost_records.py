from __future__ import annotations

import random

import pytest

from tidegauge.flow.lost_records import Estimate, Heard, losses

CAME, GONE = 4000, 1500
ROUNDS = 40


def heard(version: str, sizes: list[int], **counted: int) -> Heard:
    """What is known of a source whose datagrams of these sizes came."""
    counters = {
        "datagrams": len(sizes),
        "records": sum(sizes),
        "option_records": 0,
        "record_squares": sum(size**2 for size in sizes),
        "lost_sequence": 0,
        "found_sequence": 0,
        "lost_otherwise": 0,
        "lost_upstream": 0,
    }
    return Heard.of(version, counters | counted)


def test_what_numbers_records_is_counted() -> None:
    source = heard("ipfix", [10] * 10, lost_sequence=30, found_sequence=5, lost_upstream=10)
    assert losses([source], unseen=0) == (Estimate(25.0), Estimate(10.0))


def test_options_among_what_is_missing_are_no_flows() -> None:
    source = heard("ipfix", [9] * 10, option_records=10, lost_sequence=100)
    found = losses([source], unseen=0).records
    assert found.value == 90
    assert found.variance > 0


@pytest.mark.parametrize("version", ["netflow9", "sflow5"])
def test_datagrams_of_one_size_leave_no_doubt(version: str) -> None:
    source = heard(version, [7] * 100, lost_sequence=3)
    assert losses([source], unseen=0).records == (21.0, 0.0)
    assert losses([source], unseen=2).records == (35.0, 0.0)


def test_the_truth_lies_within_what_is_said_of_it() -> None:
    """In 95 of 100 cases; of forty, then, hardly ever more than six are outside."""
    rng = random.Random(5)
    outside = 0
    for _ in range(ROUNDS):
        sizes = [rng.choice((1, 2, 20, 30)) for _ in range(CAME + GONE)]
        found = losses([heard("netflow9", sizes[:CAME], lost_sequence=GONE)], unseen=0).records
        outside += abs(found.value - sum(sizes[CAME:])) > 1.96 * found.variance**0.5
    assert outside <= 6


def test_what_nobody_told_of_is_like_what_came_strangers_included() -> None:
    sources = [heard("netflow5", [30] * 50), heard("ipfix", [10] * 50)]
    found = losses(sources, unseen=8, refused=100).records
    assert found.value == 80
    assert found.variance > 8 * 100


def test_who_counts_otherwise_is_believed() -> None:
    records = heard("netflow9", [20] * 10, lost_sequence=60, lost_otherwise=60)
    datagrams = heard("ipfix", [20] * 10, lost_sequence=3, lost_otherwise=3)
    assert losses([records, datagrams], unseen=0).records.value == 120


def test_an_older_ledger_that_did_not_count_sizes_leaves_more_doubt() -> None:
    known, older = (
        heard("netflow9", [20] * 10, lost_sequence=4, **how) for how in ({}, {"record_squares": 0})
    )
    assert losses([older], unseen=0).records.value == losses([known], unseen=0).records.value
    assert losses([older], unseen=0).records.variance > losses([known], unseen=0).records.variance
