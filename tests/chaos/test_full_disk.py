"""A full disk: the collector refuses flows, counts them, and goes on when there is room again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, ledger
from tests.chaos.small_disk import small_disk
from tests.flow_sender import send, wait_until
from tests.numbered_flows import ledger_sum, numbers_in
from tidegauge.store.lake import Lake
from tidegauge.store.space import DEFAULT_RESERVE_BYTES

pytestmark = pytest.mark.peers

MEGABYTE = 1 << 20
DISK_MEGABYTES = DEFAULT_RESERVE_BYTES // MEGABYTE + 50
EXPORTERS = 500


def test_flows_are_counted_while_refused_and_stored_again_afterwards(tmp_path: Path) -> None:
    before, reserve_touched, nothing_left, after = (
        range(start, start + 3000) for start in range(1, 12001, 3000)
    )
    with small_disk(tmp_path / "lake", DISK_MEGABYTES) as disk:
        lake = Lake.create(disk.path)
        with Daemon(disk.inside, prefix=disk.prefix) as daemon:
            send(daemon.address, before)
            wait_until(lambda: len(numbers_in(lake)) == len(before))

            disk.fill(leaving_bytes=DEFAULT_RESERVE_BYTES // 2)
            send(daemon.address, reserve_touched)
            wait_until(lambda: ledger_sum(lake, "lost_write") == len(reserve_touched))

            disk.fill()
            # Each call is a new exporter, which wants a slot in the mapped counters: those have their blocks.
            for _ in range(EXPORTERS):
                send(daemon.address, nothing_left[: len(nothing_left) // EXPORTERS])
            wait_until(daemon.is_idle)
            assert daemon.process.poll() is None, daemon.log

            disk.free()
            wait_until(daemon.is_idle)
            send(daemon.address, after)
            wait_until(lambda: len(numbers_in(lake)) == len(before) + len(after))
            statistics = daemon.stop()
        assert numbers_in(lake) == [*before, *after]
        told = ledger(disk.path)
    refused = len(reserve_touched) + len(nothing_left)
    assert (told["stored"], told["lost_write"]) == (len(before) + len(after), refused)
    assert told["records"] == told["stored"] + told["lost_write"]
    assert (statistics["stored"], statistics["lost"]["write"]) == (told["stored"], refused)
