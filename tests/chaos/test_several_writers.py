"""Several writers on one lake at once: each has its own tail, and what none can share is refused."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

from tests.chaos.daemon import Daemon, ledger
from tests.chaos.export import FLOWS_EACH, Export, numbered
from tests.numbered_flows import SECOND, datagrams, numbers_in
from tidegauge.cli.main import UNREACHABLE
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

DATAGRAMS = 600
IMPORTED = range(1_000_000, 1_000_300)
IMPORTS = 3


def compact_all_the_time(lake: Lake, is_over: Event) -> None:
    """Merge and sweep ahead of time, so that all that can be replaced is, while others write."""
    writer = LakeWriter(lake, "other")
    ahead = time.time_ns()
    while not is_over.is_set():
        ahead += 3600 * SECOND
        writer.compact(ahead)
    writer.close(ahead)


def test_two_collectors_an_import_and_a_compaction_at_once(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    capture = tmp_path / "export"
    capture.write_bytes(b"".join(datagrams(IMPORTED, time.time_ns() - 60 * SECOND)))
    command = [sys.executable, "-m", "tidegauge", "import", str(capture), "--lake", str(lake.path)]
    is_over = Event()
    compaction = Thread(target=compact_all_the_time, args=(lake, is_over))
    compaction.start()
    try:
        with (
            Daemon(lake.path, name="first") as first,
            Daemon(lake.path, name="second") as second,
            Export(first.address, numbered("ipfix", DATAGRAMS), 300, source="127.0.0.1") as one,
            Export(second.address, numbered("netflow5", DATAGRAMS), 300, source="127.0.0.2") as other,
        ):
            for _ in range(IMPORTS):
                subprocess.run(command, check=True, capture_output=True)
            one.finish()
            other.finish()
            first.stop()
            second.stop()
    finally:
        is_over.set()
        compaction.join()
    each = range(1, DATAGRAMS * FLOWS_EACH + 1)
    assert numbers_in(lake) == sorted([*each, *each, *(IMPORTS * [*IMPORTED])])
    told = ledger(lake.path)
    assert told["stored"] == told["records"] == 2 * len(each) + IMPORTS * len(IMPORTED)
    assert told["lost_write"] == told["lost_sequence"] == 0


def test_a_second_collector_at_the_same_address_is_refused(tmp_path: Path) -> None:
    with Daemon(tmp_path / "lake") as first:
        tails = list((first.lake / "tail").iterdir())
        command = [sys.executable, "-m", "tidegauge", "collect", "--listen", str(first.address)]
        refused = subprocess.run(
            [*command, "--lake", str(first.lake)], check=False, capture_output=True, text=True
        )
        assert refused.returncode == UNREACHABLE
        assert f"cannot listen at {first.address}: " in refused.stderr
        assert "in use" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert list((first.lake / "tail").iterdir()) == tails, "it left nothing behind"
        first.stop()
