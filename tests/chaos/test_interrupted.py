"""``lake compact`` and ``lake export``, broken off in the middle or beside a collector: nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from tests.chaos.aftermath import strays
from tests.chaos.daemon import Daemon
from tests.chaos.export import FLOWS_EACH, Export, numbered
from tests.flow_sender import wait_until
from tests.numbered_flows import NOON, SECOND, batches, levels, numbers_in
from tests.surroundings import find_peer
from tidegauge.cli.main import INTERRUPTED, UNREACHABLE, run
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

pytestmark = pytest.mark.peers

HOUR = 3600 * SECOND
FLOWS = range(600)
KILLED = -9
DATAGRAMS, TURNS = 150, 3


@pytest.fixture
def lake(memory_path: Path) -> Lake:
    """Flows of two hours, in two files each."""
    lake = Lake.create(memory_path / "lake")
    for place in range(4):
        at = NOON + place // 2 * HOUR + place * SECOND
        writer = LakeWriter(lake, f"w{place}")
        writer.append(batches(FLOWS[150 * place : 150 * (place + 1)], at))
        writer.close(NOON + HOUR)
    return lake


def broken_off(lake: Lake, happens: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of ``lake``, in which something happens to a call that it makes."""
    # The command is our child, and strace a stranger beside it.
    silent = [find_peer("strace"), "-D", "-f", "-qq", "-o", "/dev/null"]
    injected = ["-e", f"trace={happens.partition(':')[0]}", "-e", f"inject={happens}"]
    command = [sys.executable, "-m", "tidegauge", "lake", *words, "--lake", str(lake.path)]
    ran = subprocess.run(
        [*silent, *injected, *command], check=False, capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in ran.stderr
    return ran


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        ("rename:signal=INT:when=2", INTERRUPTED),
        ("rename:signal=KILL:when=3", KILLED),
        ("fdatasync:error=ENOSPC:when=2", UNREACHABLE),
        ("fsync:error=EIO:when=4", UNREACHABLE),
    ],
)
def test_a_compaction_that_was_broken_off_is_done_again(lake: Lake, happens: str, code: int) -> None:
    broken = broken_off(lake, happens, "compact")
    assert broken.returncode == code, broken.stderr
    assert numbers_in(lake) == list(FLOWS)
    assert run(["lake", "compact", "--lake", str(lake.path)]) == 0
    assert (numbers_in(lake), levels(lake)) == (list(FLOWS), ["day"])
    assert strays(lake) == []
    assert run(["lake", "verify", "--lake", str(lake.path)]) == 0


@pytest.mark.parametrize(
    ("words", "happens", "code"),
    [
        ((), "pwrite64:signal=INT:when=1", INTERRUPTED),
        ((), "pwrite64:signal=KILL:when=1", KILLED),
        ((), "pwrite64:error=ENOSPC:when=1", UNREACHABLE),
        (("--format", "arrow"), "write:error=ENOSPC:when=5", UNREACHABLE),
        (("--by", "hour"), "pwrite64:signal=KILL:when=1", KILLED),
    ],
)
def test_an_export_that_was_broken_off_leaves_nothing_under_its_name(
    lake: Lake, memory_path: Path, words: tuple[str, ...], happens: str, code: int
) -> None:
    folder = memory_path / "exports"
    folder.mkdir()
    order = ("export", "--to", str(folder / "flows"), *words)
    broken = broken_off(lake, happens, *order)
    assert broken.returncode == code, broken.stderr
    left = [path.name for path in folder.iterdir()]
    assert left == ([".flows.partial"] if code == KILLED else [])
    assert run(["lake", *order, "--lake", str(lake.path)]) == 0
    assert [path.name for path in folder.iterdir()] == ["flows"]
    if "arrow" not in words:
        assert exported(folder.rglob("*")) == list(FLOWS)


def exported(paths: Iterable[Path]) -> list[int]:
    files = [str(path) for path in paths if path.is_file()]
    return [number for (number,) in duckdb.read_parquet(files).project("bytes").order("bytes").fetchall()]


def test_beside_a_collector_each_flow_stays_there_once(memory_path: Path) -> None:
    lake = Lake.create(memory_path / "lake")
    with (
        Daemon(lake.path) as daemon,
        Export(daemon.address, numbered("ipfix", DATAGRAMS), 100) as export,
    ):
        for turn in range(TURNS):
            wait_until(lambda: bool(numbers_in(lake)))
            stored = numbers_in(lake)
            assert run(["lake", "compact", "--all", "--lake", str(lake.path)]) == 0
            path = memory_path / f"{turn}.parquet"
            assert run(["lake", "export", "--to", str(path), "--lake", str(lake.path)]) == 0
            written = exported([path])
            assert len(set(written)) == len(written)
            assert set(stored) <= set(written) <= set(range(1, DATAGRAMS * FLOWS_EACH + 1))
        export.finish()
        daemon.stop()
    assert run(["lake", "compact", "--all", "--lake", str(lake.path)]) == 0
    assert numbers_in(lake) == list(range(1, DATAGRAMS * FLOWS_EACH + 1))
    assert run(["lake", "verify", "--lake", str(lake.path)]) == 0
