"""The power fails: whatever the disk had not done by then, what was promised is there and nothing is torn.

A few moments of a life, one state of each; ``make soak`` looks at every one (tests/soak/test_power_cut.py).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.chaos.power_cut import Examiner, any_of, cuts, lived

pytestmark = pytest.mark.peers

ONE_IN = 20


def test_what_was_promised_outlives_a_power_cut(memory_path: Path) -> None:
    random, examiner, examined = Random(22), Examiner(), 0
    life = memory_path / "life"
    life.mkdir()
    for number, cut in enumerate(cuts(lived(life), life)):
        if number % ONE_IN == 0:
            for state in cut.states(partial(any_of, random)):
                examiner.examine(state, memory_path / str(number))
                examined += 1
    assert examined > 30
