"""A disk that takes its time: nothing is lost for it, and memory stays bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, ledger
from tests.chaos.export import FLOWS_EACH, Export, numbered
from tests.numbered_flows import numbers_in
from tests.surroundings import find_peer
from tidegauge.store.lake import Lake

pytestmark = pytest.mark.peers

DATAGRAMS, DATAGRAMS_PER_SECOND = 2000, 1000
MICROSECONDS = 300_000
CALLS = "fsync,fdatasync"
LARGEST_RESIDENT = 300_000_000


def test_a_slow_disk_delays_and_loses_nothing(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    # The program itself is our child, and strace a stranger beside it.
    inject = f"inject={CALLS}:delay_enter={MICROSECONDS}"
    silent = (find_peer("strace"), "-D", "-f", "-qq", "-o", "/dev/null")
    slowed = (*silent, "-e", f"trace={CALLS}", "-e", inject)
    with (
        Daemon(lake.path, prefix=slowed) as daemon,
        Export(daemon.address, numbered("ipfix", DATAGRAMS), DATAGRAMS_PER_SECOND) as export,
    ):
        export.finish()
        assert len(numbers_in(lake)) < export.sent, "the disk keeps up"
        assert daemon.resident_bytes < LARGEST_RESIDENT
        statistics = daemon.stop()
    assert numbers_in(lake) == list(range(1, DATAGRAMS * FLOWS_EACH + 1))
    told = ledger(lake.path)
    assert told["stored"] == told["records"] == DATAGRAMS * FLOWS_EACH
    assert told["lost_kernel"] == told["lost_sequence"] == told["lost_write"] == 0
    assert statistics["stored"] == told["stored"]
