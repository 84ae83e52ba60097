"""A lake that takes nothing for a while: flows are counted as lost, and stored again afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, ledger
from tests.chaos.small_disk import small_disk
from tests.flow_sender import send, wait_until
from tests.numbered_flows import ledger_sum, numbers_in
from tidegauge.store.lake import Lake
from tidegauge.store.space import DEFAULT_RESERVE_BYTES, RESERVE_FILES

MEGABYTE = 1 << 20
DISK_MEGABYTES = DEFAULT_RESERVE_BYTES // MEGABYTE + 50
BEFORE, DURING, AFTER = range(1, 301), range(301, 601), range(601, 901)


def live_through(daemon: Daemon, lake: Lake, begin: Callable[[], None], end: Callable[[], None]) -> None:
    """Flows before, during and after a time in which nothing can be stored; the books balance at once."""
    with daemon:
        send(daemon.address, BEFORE)
        wait_until(lambda: len(numbers_in(lake)) == len(BEFORE))
        begin()
        send(daemon.address, DURING)
        wait_until(lambda: "flows are refused and counted as lost" in daemon.log)
        wait_until(daemon.is_idle)
        assert daemon.process.poll() is None, daemon.log
        end()
        send(daemon.address, AFTER)
        wait_until(lambda: len(numbers_in(lake)) == len(BEFORE) + len(AFTER))
        wait_until(lambda: ledger_sum(lake, "lost_write") == len(DURING))
        statistics = daemon.stop()
    told = ledger(lake.path)
    assert numbers_in(lake) == [*BEFORE, *AFTER]
    assert (told["stored"], told["lost_write"]) == (len(BEFORE) + len(AFTER), len(DURING))
    assert told["records"] == told["stored"] + told["lost_write"]
    assert (statistics["stored"], statistics["lost"]["write"]) == (told["stored"], told["lost_write"])
    assert daemon.log.count("flows are refused") == 1, "it is said once"
    assert "Traceback" not in daemon.log


@pytest.mark.peers
def test_a_disk_that_turns_read_only(tmp_path: Path) -> None:
    with small_disk(tmp_path / "lake", DISK_MEGABYTES) as disk:
        lake = Lake.create(disk.path)
        daemon = Daemon(disk.inside, prefix=disk.prefix)
        live_through(daemon, lake, disk.make_read_only, disk.make_writable)


@pytest.mark.peers
def test_a_disk_that_has_no_room_for_names(tmp_path: Path) -> None:
    with small_disk(tmp_path / "lake", DISK_MEGABYTES, files=4 * RESERVE_FILES) as disk:
        lake = Lake.create(disk.path)
        daemon = Daemon(disk.inside, prefix=disk.prefix)
        live_through(daemon, lake, disk.take_files, lambda: disk.give_files(2 * RESERVE_FILES))


def test_a_lake_that_is_gone_for_a_while(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    away = tmp_path / "elsewhere"

    def go() -> None:
        lake.path.rename(away)

    def come() -> None:
        away.rename(lake.path)

    live_through(Daemon(lake.path), lake, go, come)


def test_a_lake_that_is_gone_for_good_is_told_at_the_end(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    with Daemon(lake.path) as daemon:
        send(daemon.address, BEFORE)
        wait_until(lambda: len(numbers_in(lake)) == len(BEFORE))
        lake.path.rename(tmp_path / "elsewhere")
        send(daemon.address, DURING)
        wait_until(lambda: "flows are refused and counted as lost" in daemon.log)
        daemon.process.terminate()
        assert daemon.process.wait(30) == 4, daemon.log
    assert "Traceback" not in daemon.log
    assert str(lake.path) in daemon.log.splitlines()[-1]
    assert not lake.path.exists(), "nothing was made in its place"
    # Wherever it went, what it holds is whole, and tells what was lost.
    Lake.create(tmp_path / "elsewhere")
    told = ledger(tmp_path / "elsewhere")
    assert (told["stored"], told["lost_write"]) == (len(BEFORE), len(DURING))
