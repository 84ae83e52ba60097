"""Ten million flows, half a million a second, and ten kills: by the programs of bench/."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.soak.record import record
from tests.surroundings import ROOT

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


def bench(program: str, *arguments: str) -> list[dict[str, Any]]:
    """Run a program of bench/ and return the rows of its table."""
    command = [sys.executable, str(ROOT / "bench" / program), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])["rows"]
    return rows
