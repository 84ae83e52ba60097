"""The system's clock jumps by hours, forwards and back: every flow is stored once, and the books balance."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, ledger
from tests.flow_sender import send, wait_until
from tests.numbered_flows import NOON, SECOND, batches, ledger_sum, numbers_in, numbers_of
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

HOUR = 3600 * SECOND
JUMPS = (0, 3, -5, 0, 26, -2)
EACH = 90


def set_clock(file: Path, hours: int) -> None:
    """Put the clock of a daemon so far from the true time; it goes on from there."""
    moment = datetime.fromtimestamp(time.time(), UTC) + timedelta(hours=hours)
    partial = file.with_suffix(".partial")
    partial.write_text(f"@{moment:%Y-%m-%d %H:%M:%S}\n")
    partial.replace(file)


def wait_for_flows(lake: Lake, count: int) -> None:
    wait_until(lambda: len(numbers_in(lake)) == count)


@pytest.mark.peers
def test_a_collector_lives_through_jumps_of_its_clock(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    set_clock(clock, 0)
    [library] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    words = ("FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "TZ=UTC")
    faked = ("env", f"LD_PRELOAD={library}", f"FAKETIME_TIMESTAMP_FILE={clock}", *words)
    lake = Lake.create(tmp_path / "lake")
    with Daemon(lake.path, prefix=faked) as daemon:
        for turn, hours in enumerate(JUMPS):
            set_clock(clock, hours)
            send(daemon.address, range(turn * EACH, (turn + 1) * EACH))
            wait_for_flows(lake, (turn + 1) * EACH)
        statistics = daemon.stop()
    assert numbers_in(lake) == list(range(len(JUMPS) * EACH))
    told = ledger(lake.path)
    assert told["stored"] == told["records"] == statistics["stored"] == len(JUMPS) * EACH
    assert told["lost_write"] == told["lost_no_template"] == 0
    assert "Traceback" not in daemon.log


def test_compaction_lives_through_jumps_of_the_clock(tmp_path: Path) -> None:
    """Arrivals and compactions at any time: what a reader holds stays there, and nothing is doubled."""
    rng = random.Random(7)
    lake = Lake.create(tmp_path / "lake")
    writer = LakeWriter(lake, "w")
    held = []
    for number in range(40):
        now = NOON + rng.choice((-30, -3, 0, 0, 2, 25)) * HOUR + number * SECOND
        writer.append(batches([number], now, "w"))
        if number % 5 == 4:
            writer.compact(now)
            held.append((lake.generation(), number + 1))
    for generation, count in held:
        with generation:
            assert numbers_of(generation) == list(range(count))
    writer.close(NOON)
    assert numbers_in(lake) == list(range(40))
    assert ledger_sum(lake, "stored") == 40
    last = LakeWriter(lake, "x")
    last.compact(time.time_ns())
    last.close(time.time_ns())
    assert numbers_in(lake) == list(range(40))
