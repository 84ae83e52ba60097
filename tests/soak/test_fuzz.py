"""Every fuzz target for minutes: $TIDEGAUGE_FUZZ_MINUTES each, ten unless told."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.soak.record import record
from tests.surroundings import ROOT

MINUTES = float(os.environ.get("TIDEGAUGE_FUZZ_MINUTES", "10"))
FUZZ = ROOT / "rust" / "fuzz"
BUILD_SECONDS = 900
LONGEST_INPUT = 8192
EXECUTED = r"stat::number_of_executed_units: (\d+)"
COVERED = r" cov: (\d+) "

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + BUILD_SECONDS)]


@pytest.mark.parametrize("target", sorted(path.stem for path in (FUZZ / "fuzz_targets").glob("*.rs")))
def test_nothing_panics(target: str) -> None:
    corpus = FUZZ / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={MINUTES * 60:.0f}", f"-max_len={LONGEST_INPUT}", "-print_final_stats=1"]
    command = ["cargo", "fuzz", "run", target, str(corpus), str(FUZZ / "seeds" / target), "--", *limits]
    surroundings = os.environ | {"RUSTC_BOOTSTRAP": "1"}
    done = subprocess.run(command, cwd=FUZZ, env=surroundings, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    executed, covered = (int(re.findall(pattern, done.stderr)[-1]) for pattern in (EXECUTED, COVERED))
    figures = {"minutes": MINUTES, "inputs": executed, "edges_covered": covered, "failures": 0}
    record(f"fuzz-{target}", figures)
