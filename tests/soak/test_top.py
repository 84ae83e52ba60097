"""A hundred million flows: every field that nfdump ranks too, by the program of bench/."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.soak.bench import bench
from tests.soak.record import record

FLOWS = int(os.environ.get("TIDEGAUGE_SOAK_TOP_FLOWS", "100_000_000"))
ROUNDS = int(os.environ.get("TIDEGAUGE_SOAK_TOP_ROUNDS", "3"))
LARGEST_RATIO = 0.5

pytestmark = [pytest.mark.soak, pytest.mark.timeout(8 * 3600)]


def test_a_field_takes_at_most_half_of_nfdumps_time() -> None:
    # Kept where it was interrupted: what was measured is not measured again.
    folder = Path(tempfile.gettempdir()) / "tidegauge-soak-top"
    folder.mkdir(exist_ok=True)
    rows = bench("top.py", "--flows", str(FLOWS), "--rounds", str(ROUNDS), "--folder", str(folder))
    record("top", {"flows": FLOWS, "rounds": ROUNDS, "result": rows})
    shutil.rmtree(folder)
    assert all(row["same_answer"] for row in rows)
    assert [row["field"] for row in rows if row["ratio"] > LARGEST_RATIO] == []
