"""Killed at each step of storing in turn: every flow is there once, and the ledger knows the rest."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.chaos.aftermath import look, strays
from tests.chaos.crash_points import HOUR, killed_everywhere
from tests.numbered_flows import NOON
from tidegauge.store.lake import Lake
from tidegauge.store.recovery import remove_orphans
from tidegauge.store.writer import LakeWriter

pytestmark = pytest.mark.peers

AFTERWARDS = NOON + 5 * HOUR


def test_whenever_a_writer_is_killed_nothing_is_there_twice_and_nothing_is_lost_in_silence(
    memory_path: Path,
) -> None:
    steps = 0
    with duckdb.connect() as connection:
        for life in killed_everywhere(memory_path):
            moment = f"killed before its step {life.folder.name}"
            lake = Lake.create(life.lake)
            numbers = look(connection, lake, life, moment)
            successor = LakeWriter(lake, "collect-1-zz")
            successor.compact(AFTERWARDS)
            successor.close(AFTERWARDS)
            remove_orphans(lake)
            assert look(connection, lake, life, f"{moment}, taken over") == numbers
            assert not strays(lake), moment
            steps += 1
            if life.is_over:
                assert numbers == sorted(life.received)
    assert steps > 40
