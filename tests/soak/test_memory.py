"""An hour of flows at half of what a collector can take: memory stays where it was."""

from __future__ import annotations

import os

import pytest

from tests.soak.bench import bench
from tests.soak.record import record

SECONDS = int(os.environ.get("TIDEGAUGE_SOAK_MEMORY_SECONDS", "3600"))
# Half of the least peak in bench/results; a slower machine wants another.
RATE = int(os.environ.get("TIDEGAUGE_SOAK_MEMORY_RATE", "2_500_000"))
# So much that the turn of the hour has flows of the hour before to join; as much again waits to be deleted.
KEPT = "8GB"
# What the second half of the hour may hold more than the first, in megabytes.
LARGEST_LATE_GROWTH = 50

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS + 600)]


def test_an_hour_of_flows_leaves_memory_where_it_was() -> None:
    [row] = bench("memory.py", "--seconds", str(SECONDS), "--rate", str(RATE), "--keep-bytes", KEPT)
    record("memory", {"seconds": SECONDS, "rate": RATE, "result": row})
    assert row["exit"] == 0
    # The first stretch has the start in it.
    _, *medians = row["median_megabytes"]
    half = len(medians) // 2
    assert max(medians[half:]) - max(medians[:half]) < LARGEST_LATE_GROWTH, medians
