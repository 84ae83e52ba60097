from __future__ import annotations

from tests.numbered_flows import NOON, SECOND, batches, numbers_in
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import generations
from tidegauge.store.sweep import GRACE, sweep
from tidegauge.store.tail import Tail
from tidegauge.store.writer import LakeWriter


def absorbed_lake(lake: Lake) -> Tail:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    writer.compact(NOON)
    writer.append(batches([2]))
    return Tail(lake.path / "tail" / "w")


def test_nothing_goes_within_its_grace(lake: Lake) -> None:
    tail = absorbed_lake(lake)
    assert sweep(lake, NOON + GRACE - 1) == 0
    assert len(tail.files_through(1)) == 2


def test_what_was_replaced_goes_after_its_grace(lake: Lake) -> None:
    tail = absorbed_lake(lake)
    assert sweep(lake, NOON + GRACE) == 2
    assert tail.files_through(1) == []
    assert len(tail.files_through(2)) == 2
    assert numbers_in(lake) == [1, 2]
    assert lake.manifest().retired == ()


def test_old_manifests_go_too(lake: Lake) -> None:
    absorbed_lake(lake)
    for _ in range(3):
        sweep(lake, NOON + GRACE)
    newest = lake.manifest().generation
    assert generations(lake.path / "generations")[-1] == newest
    sweep(lake, NOON + 2 * GRACE)
    assert generations(lake.path / "generations") == [newest]


def test_a_second_sweep_finds_nothing(lake: Lake) -> None:
    absorbed_lake(lake)
    sweep(lake, NOON + GRACE)
    settled = lake.manifest()
    assert sweep(lake, NOON + GRACE + SECOND) == 0
    assert lake.manifest() == settled


def test_replaced_segments_go_as_well(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    for number in range(2):
        writer.append(batches([number], NOON + number))
        writer.compact(NOON)
    writer.compact(NOON + 24 * 3600 * SECOND)
    sweep(lake, NOON + 48 * 3600 * SECOND)
    kept = {path for segment in lake.manifest().segments for path in segment.files}
    on_disk = {str(path.relative_to(lake.path)) for path in (lake.path / "segments").rglob("*.parquet")}
    assert on_disk == kept
    assert numbers_in(lake) == [0, 1]
