from __future__ import annotations

from tests.numbered_flows import NOON, batches
from tidegauge.store.holdings import beside_held, replaced_held, segments_held, tail_rows, tails_held
from tidegauge.store.lake import Lake
from tidegauge.store.writer import LakeWriter

MINUTE = 60 * 10**9


def test_segments_by_table_and_level(lake: Lake) -> None:
    for number in range(2):
        writer = LakeWriter(lake, f"w{number}")
        writer.append(batches(range(3), NOON + number * MINUTE))
        writer.close(NOON)
    flows = segments_held(lake.manifest())[0]
    assert (flows.table, flows.level, flows.files, flows.rows) == ("flows", "minute", 2, 6)
    assert (flows.oldest, flows.newest) == (NOON, NOON + MINUTE)
    assert flows.bytes == sum(path.stat().st_size for path in lake.path.rglob("segments/**/*.flows.parquet"))


def test_tails_of_the_living_and_the_killed(lake: Lake) -> None:
    living = LakeWriter(lake, "living")
    living.append(batches(range(5)))
    killed = LakeWriter(lake, "killed")
    killed.append(batches(range(2)))
    del killed
    held = {tail.writer_id: tail for tail in tails_held(lake, lake.manifest())}
    assert {name: tail.is_alive for name, tail in held.items()} == {"living": True, "killed": False}
    assert held["living"].files >= 2
    assert held["living"].bytes > 0
    with lake.generation() as generation:
        assert tail_rows(generation) == {"living": 5, "killed": 2}


def test_what_was_absorbed_waits_to_be_deleted(lake: Lake) -> None:
    assert replaced_held(lake, lake.manifest()).files == 0
    writer = LakeWriter(lake, "w")
    writer.append(batches([1]))
    writer.close(NOON)
    found = replaced_held(lake, lake.manifest())
    assert found.files >= 2
    assert found.bytes > 0
    assert [tail.files for tail in tails_held(lake, lake.manifest())] == [0]


def test_a_lake_without_tails(lake: Lake) -> None:
    with lake.generation() as generation:
        assert tail_rows(generation) == {}


def test_what_is_known_beside_the_tables(lake: Lake) -> None:
    assert list(beside_held(lake)) == []
    (lake.path / "names").mkdir()
    (lake.path / "names/some.parquet").write_bytes(b"12345")
    [found] = beside_held(lake)
    assert (found.table, found.files, found.bytes) == ("names", 1, 5)
