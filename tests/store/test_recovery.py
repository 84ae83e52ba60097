from __future__ import annotations

import os
import random
import subprocess
import sys
import time

import pytest

from tests.numbered_flows import NOON, SECOND, batches, ledger_sum, levels, numbers_in
from tests.store import steady_writer
from tests.store.test_counters_map import KEY, counters_map
from tidegauge.store.lake import Lake
from tidegauge.store.load import Load
from tidegauge.store.recovery import recover, remove_orphans, resumable_counters
from tidegauge.store.sweep import sweep
from tidegauge.store.tail import Tail
from tidegauge.store.writer import LakeWriter

HOUR = 3600 * SECOND


def dead_writer(lake: Lake, writer_id: str, numbers: list[int], received: int) -> Tail:
    """What a collector killed after its last set leaves, having received more than it stored."""
    writer = LakeWriter(lake, writer_id)
    for number in numbers:
        writer.append(batches([number], NOON, writer_id))
    writer.counters_path.write_bytes(counters_map((KEY, NOON, {"records": received, "datagrams": received})))
    del writer
    return Tail(lake.path / "tail" / writer_id)


def test_a_dead_writer_is_settled(lake: Lake) -> None:
    # The exporter of numbered flows is another key than the map's, so all of the map is outstanding.
    tail = dead_writer(lake, "w", [1, 2], received=5)
    recover(lake, NOON)
    assert numbers_in(lake) == [1, 2]
    assert levels(lake, "flows") == ["minute"]
    assert ledger_sum(lake, "lost_write") == 5
    assert not tail.counters_path.exists()


def test_recovering_twice_counts_once(lake: Lake) -> None:
    tail = dead_writer(lake, "w", [1], received=5)
    left_behind = tail.counters_path.read_bytes()
    recover(lake, NOON)
    tail.counters_path.write_bytes(left_behind)  # as if killed before the map was dropped
    recover(lake, NOON)
    assert ledger_sum(lake, "lost_write") == 5


def test_one_damaged_tail_keeps_no_other_from_being_settled(lake: Lake) -> None:
    damaged = dead_writer(lake, "a", [1], received=1)
    dead_writer(lake, "b", [2], received=5)
    whole = damaged.path(1, "flows").read_bytes()
    damaged.path(1, "flows").write_bytes(whole[:4] + bytes(len(whole) - 12) + whole[-8:])
    recover(lake, NOON)
    assert {segment.path.split("-")[-2] for segment in lake.manifest().segments} == {"b"}
    damaged.path(1, "flows").write_bytes(whole)
    recover(lake, NOON)
    assert numbers_in(lake) == [1, 2]
    assert ledger_sum(lake, "lost_write") == 6


def test_sequence_numbers_from_before_a_power_cut_are_not_continued(lake: Lake) -> None:
    """The mapped file comes back as old as the disk had it, and what was stored since is on the disk."""
    tail = dead_writer(lake, "collect-1-a", [1, 2, 3], received=3)
    numbered = KEY._replace(observation_domain=0, protocol_version="netflow5")
    for records, is_continued in ((2, False), (3, True)):
        tail.counters_path.write_bytes(counters_map((numbered, NOON, {"records": records})))
        with resumable_counters(lake, "collect-1-") as path:
            assert (path is not None) == is_continued


def test_a_living_writer_is_left_alone(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    recover(lake, NOON)
    assert lake.manifest().generation == 0


def test_a_set_cut_short_never_shows(lake: Lake) -> None:
    tail = dead_writer(lake, "w", [1], received=5)
    (tail.folder / "000000000002.flows.parquet").write_bytes((tail.path(1, "flows")).read_bytes())
    recover(lake, NOON)
    recover(lake, NOON)
    assert numbers_in(lake) == [1]
    sweep(lake, NOON + HOUR)
    recover(lake, NOON + HOUR)
    assert not tail.folder.exists()


def test_the_folder_goes_with_its_last_file(lake: Lake) -> None:
    tail = dead_writer(lake, "w", [1], received=0)
    recover(lake, NOON)
    sweep(lake, NOON + HOUR)
    recover(lake, NOON + HOUR)
    assert not tail.folder.exists()
    lake.commit(lambda newest: newest, NOON)
    assert lake.manifest().absorbed == {}


def test_an_abandoned_load_is_cleared_away(lake: Lake) -> None:
    load = Load(lake, "import-1")
    load.append(batches([1]))
    load._lock.release()  # as the kernel does when the process is killed
    recover(lake, NOON)
    assert list((lake.path / "staging").iterdir()) == []


def test_orphans_of_the_dead_are_removed(lake: Lake) -> None:
    writer = LakeWriter(lake, "living")
    writer.append(batches([1]))
    writer.compact(NOON)
    folder = next((lake.path / "segments").rglob("*.parquet")).parent
    strays = {
        "12-minute-dead-7.flows.parquet": False,
        ".12-minute-dead-7.ledger.parquet.partial": False,
        "12-hour-merged-9.flows.parquet": False,
        "12-minute-living-99.flows.parquet": True,
        "notes.txt": True,
    }
    for name in strays:
        (folder / name).touch()
    assert remove_orphans(lake) == 3
    assert {name: (folder / name).exists() for name in strays} == strays
    assert numbers_in(lake) == [1]


def test_the_newest_map_of_the_same_place_is_resumed(lake: Lake) -> None:
    dead_writer(lake, "collect-2055-a", [], received=1)
    newest = dead_writer(lake, "collect-2055-b", [], received=2)
    dead_writer(lake, "collect-4739-c", [], received=3)
    later = newest.counters_path.stat().st_mtime + 1
    os.utime(newest.counters_path, (later, later))
    with resumable_counters(lake, "collect-2055-") as path:
        assert path == newest.counters_path
        recover(lake, NOON)
        assert newest.counters_path.exists()
    with resumable_counters(lake, "collect-1-") as path:
        assert path is None


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_every_stored_flow_is_there_once(lake: Lake, seed: int) -> None:
    """Three writers in turn, each killed in the middle of appending, absorbing, merging or sweeping."""
    chance = random.Random(seed)
    first = 0
    for turn in range(3):
        told = run_and_kill(lake, f"w{turn}", first, after_sets=chance.randrange(5, 90))
        numbers = numbers_in(lake)
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > told
        first = len(numbers)
    remove_orphans(lake)
    for _ in range(2):
        recover(lake, NOON + 9999 * HOUR)
    assert numbers_in(lake) == list(range(first))
    assert ledger_sum(lake, "stored") == first


def run_and_kill(lake: Lake, writer_id: str, first: int, after_sets: int) -> int:
    """Run a writer, kill it once it told of so many sets, and return the last number it told."""
    command = [sys.executable, "-m", steady_writer.__name__, str(lake.path), writer_id, str(first)]
    told = first - 1
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            told = int(line)
            if told >= first + after_sets:
                break
        time.sleep(random.random() / 50)
        writer.kill()
        return max([told, *map(int, writer.stdout.read().split())])


def test_what_a_dead_writer_left_is_filed_by_its_arrival(lake: Lake) -> None:
    dead_writer(lake, "w", [1], received=0)
    recover(lake, NOON + 48 * HOUR)
    paths = [segment.path for segment in lake.manifest().segments]
    assert paths == [f"segments/2026/01/01/12-minute-w-1.{table}.parquet" for table in ("flows", "ledger")]
