"""Every fuzz target for minutes: $TIDEGAUGE_FUZZ_MINUTES each, ten unless told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.soak.kept_corpus import pack, unpack
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
def test_nothing_panics(target: str, tmp_path: Path) -> None:
    corpus, seeds = FUZZ / "corpus" / target, FUZZ / "seeds" / target
    corpus.mkdir(parents=True, exist_ok=True)
    unpack(target, corpus)
    told = fuzz(target, corpus, seeds, f"-max_total_time={MINUTES * 60:.0f}", "-print_final_stats=1")
    executed, covered = (int(re.findall(pattern, told)[-1]) for pattern in (EXECUTED, COVERED))
    figures = {"minutes": MINUTES, "inputs": executed, "edges_covered": covered, "failures": 0}
    record(f"fuzz-{target}", figures)
    pack(target, found_beyond(seeds, corpus, target, tmp_path))


def found_beyond(seeds: Path, corpus: Path, target: str, folder: Path) -> list[bytes]:
    """The inputs, as few as will do, that run what the seeds do not."""
    merged = Path(shutil.copytree(seeds, folder / "merged"))
    # How often something ran does not count: that would keep ten times as many.
    fuzz(target, merged, corpus, "-merge=1", "-use_counters=0")
    return [path.read_bytes() for path in merged.iterdir() if not (seeds / path.name).exists()]


def fuzz(target: str, first: Path, second: Path, *flags: str) -> str:
    """Run a target on two folders, of which the first takes what is new; what it said if all was well."""
    command = [
        "cargo",
        "fuzz",
        "run",
        target,
        str(first),
        str(second),
        "--",
        f"-max_len={LONGEST_INPUT}",
        *flags,
    ]
    surroundings = os.environ | {"RUSTC_BOOTSTRAP": "1"}
    done = subprocess.run(command, cwd=FUZZ, env=surroundings, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stderr
