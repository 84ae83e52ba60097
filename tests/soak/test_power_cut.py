"""Each moment of a lake's life at which the power may fail, and what that may leave (tests/chaos)."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.chaos.power_cut import Examiner, State, cuts, distinct, lived
from tests.soak.record import record

WORKERS = int(os.environ.get("TIDEGAUGE_SOAK_WORKERS", str(os.cpu_count() or 1)))
MOST_SECONDS = int(os.environ.get("TIDEGAUGE_SOAK_POWER_CUT_SECONDS", str(3 * 3600)))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(4 * 3600)]


def test_whatever_a_power_cut_leaves_what_was_promised_is_there(memory_path: Path) -> None:
    life = memory_path / "life"
    life.mkdir()
    calls = lived(life)
    states = list(distinct(cuts(calls, life)))
    # Where the time does not suffice, what was looked at is of all parts of the life.
    Random(22).shuffle(states)
    share = partial(broken_promises, states, memory_path, time.monotonic() + MOST_SECONDS)
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        found = pool.map(share, range(WORKERS))
    examined = sum((examined for examined, _ in found), Counter[str]())
    broken = [each for _, promises in found for each in promises]
    figures = {
        "calls": len(calls),
        "moments": sum(1 for _ in cuts(calls, life)),
        "states": len(states),
        "examined": examined.total(),
        "examined_by_what_is_left_of_files": dict(sorted(examined.items())),
        "broken": broken,
    }
    record("power-cut", figures)
    assert not broken


def broken_promises(
    states: list[State], folder: Path, deadline: float, worker: int
) -> tuple[Counter[str], list[str]]:
    """Examine each state of a worker; how many by what is left of files, and what was not as promised."""
    examiner, examined = Examiner(), Counter[str]()
    broken = []
    for number in range(worker, len(states), WORKERS):
        if time.monotonic() > deadline:
            break
        state, place = states[number], folder / str(number)
        examined[state.left] += 1
        try:
            examiner.examine(state, place)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the others are to be looked at
            broken.append(f"{state}: {error!r}")
        shutil.rmtree(place)
    return examined, broken
