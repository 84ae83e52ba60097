from __future__ import annotations

import subprocess
import sys

from tests.numbered_flows import NOON, SECOND, batches, levels, numbers_in, numbers_of
from tests.store import steady_writer
from tests.store.test_counters_map import KEY, counters_map
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import generation_path
from tidegauge.store.sweep import sweep
from tidegauge.store.writer import LakeWriter

HOUR = 3600 * SECOND


def test_what_comes_later_is_not_seen(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    with lake.generation() as generation:
        writer.append(batches([2]))
        writer.compact(NOON)
        assert numbers_of(generation) == [1]
    assert numbers_in(lake) == [1, 2]


def test_replaced_files_stay_while_they_are_read(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    with lake.generation() as generation:
        writer.compact(NOON)
        assert sweep(lake, NOON + HOUR) == 0
        assert numbers_of(generation) == [1]
    assert sweep(lake, NOON + HOUR) == 2
    assert numbers_in(lake) == [1]


def test_letting_go_needs_no_close(lake: Lake) -> None:
    generation = lake.generation()
    lake.commit(lambda newest: newest, NOON)
    lake.commit(lambda newest: newest, NOON)
    sweep(lake, NOON + HOUR)
    assert generation_path(lake.path / "generations", 0).exists()
    del generation
    sweep(lake, NOON + HOUR)
    assert not generation_path(lake.path / "generations", 0).exists()


def test_segments_are_pruned_by_time(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    for at in (NOON, NOON + HOUR):
        writer.append(batches([1], at))
        writer.compact(at)
    generation = lake.generation()
    assert len(generation.segments("flows", NOON + HOUR // 2, None)) == 1
    assert len(generation.segments("flows", None, NOON + HOUR // 2)) == 1
    assert len(generation.segments("flows")) == 2


def test_the_counters_of_a_living_writer_are_its_own(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.counters_path.write_bytes(counters_map((KEY, NOON, {"records": 1})))
    assert lake.generation().abandoned == []
    del writer
    assert [found.writer_id for found in lake.generation().abandoned] == ["w"]


def test_every_flow_is_seen_once_while_files_come_and_go(lake: Lake) -> None:
    """A reader beside a writer that appends, absorbs, merges and deletes without pause."""
    command = [sys.executable, "-m", steady_writer.__name__, str(lake.path), "w", "0"]
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        # Merging keeps its own pace on a busy machine; before it has, nothing is proven.
        while seen < 150 or ("hour" not in levels(lake) and seen < 5000):
            told = int(writer.stdout.readline())
            numbers = numbers_in(lake)
            assert numbers == list(range(len(numbers)))
            assert len(numbers) > max(told, seen - 1)
            seen = len(numbers)
        writer.kill()
    assert "hour" in levels(lake)
