"""Ten million flows, half a million a second, and ten kills: by the programs of bench/."""

from __future__ import annotations

import os

import pytest

from tests.soak.bench import bench
from tests.soak.record import record

FLOWS = int(os.environ.get("TIDEGAUGE_SOAK_FLOWS", "10_000_000"))
RATE = int(os.environ.get("TIDEGAUGE_SOAK_RATE", "500_000"))
KILLS = int(os.environ.get("TIDEGAUGE_SOAK_KILLS", "10"))
VERSIONS = ("netflow5", "netflow9", "ipfix")
# What may be added between the middle of a run and its end, in megabytes.
LARGEST_LATE_GROWTH = 100

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_lost_and_memory_stays_flat(version: str) -> None:
    load = ["--flows", str(FLOWS), "--rate", str(RATE), "--version", version, "--only", "tidegauge"]
    [row] = bench("collect.py", *load)
    record(f"collect-{version}", {"flows": FLOWS, "rate": RATE, "result": row})
    assert (row["exit"], row["lost"]) == (0, 0)
    resident = row["rss_megabytes"]
    half = len(resident) // 2
    assert max(resident[half:]) - max(resident[:half]) < LARGEST_LATE_GROWTH, resident


@pytest.mark.parametrize("version", VERSIONS)
def test_no_kill_loses_more_than_a_second(version: str) -> None:
    rows = bench("kill.py", "--version", version, "--rounds", str(KILLS))
    record(f"kill-{version}", {"kills": KILLS, "result": rows})
    assert [row["owed_but_missing"] + row["duplicates"] for row in rows] == [0] * KILLS
