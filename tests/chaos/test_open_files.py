"""Few files may be open at once: what waits in thousands of them is taken over all the same."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.daemon import Daemon, ledger
from tests.flow_sender import send, wait_until
from tests.numbered_flows import NOON, batches, numbers_in
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

ALLOWED = 300
SETS = 400
LIMITED = ("sh", "-c", f'ulimit -n {ALLOWED} && exec "$@"', "sh")
NEW = range(SETS, SETS + 60)


def test_a_long_tail_is_taken_over_by_few_open_files(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    writer = LakeWriter(lake, "collect-9-killed")
    for number in range(SETS):
        writer.append(batches([number], NOON, writer.writer_id))
    del writer
    assert ledger(lake.path, prefix=LIMITED)["stored"] == SETS, "a question opens what it needs"
    with Daemon(lake.path, prefix=LIMITED) as daemon:
        wait_until(lambda: bool(lake.manifest().segments))
        send(daemon.address, NEW)
        wait_until(lambda: len(numbers_in(lake)) == SETS + len(NEW))
        daemon.stop()
    assert "cannot" not in daemon.log
    assert numbers_in(lake) == list(range(SETS + len(NEW)))
    assert ledger(lake.path)["stored"] == SETS + len(NEW)
