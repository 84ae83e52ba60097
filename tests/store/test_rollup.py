from __future__ import annotations

from pathlib import Path
from zlib import crc32

import msgspec
import pytest

from tests.numbered_flows import batches
from tests.sample_lake import NOON, SECOND, add_segment, make_lake
from tidegauge.store import compaction, rollup
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest
from tidegauge.store.recovery import remove_orphans
from tidegauge.store.rollup import roll_up
from tidegauge.store.segment import HOUR, ROLLED_TABLES, Rollup, Segment
from tidegauge.store.sweep import sweep
from tidegauge.store.writer import LakeWriter

LATER = NOON + 100 * HOUR
FLOW = {"received": NOON, "start": NOON, "end": NOON + SECOND, "bytes": 5, "src_port": 443, "direction": 1}


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "LEAST_ROWS", 2)


def flows_of(lake: Lake) -> list[Segment]:
    return [segment for segment in lake.manifest().segments if segment.table == "flows"]


def file_under(lake: Lake, hour: int) -> None:
    def change(newest: Manifest) -> Manifest:
        filed = (msgspec.structs.replace(each, filed=hour, level="minute") for each in newest.segments)
        return msgspec.structs.replace(newest, segments=tuple(filed))

    lake.commit(change, NOON)


def test_a_rollup_says_what_its_flows_come_to(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [FLOW, FLOW | {"packets": 2, "start": NOON - HOUR}])
    assert roll_up(lake, LATER, 1 << 30) == 1
    [segment] = flows_of(lake)
    assert segment.rollup
    assert (segment.rollup.first, segment.rollup.last) == (NOON - HOUR, NOON + SECOND)
    assert (segment.rollup.directions, segment.rollup.sums) == ((1, 1), (10, 2))
    # Two hours in which flows with this port lived.
    assert segment.rollup.tables["src_port"][0] == 2
    assert tuple(segment.rollup.tables) == ROLLED_TABLES
    assert (lake.path / segment.rollup.path).stat().st_size == segment.rollup.bytes
    assert roll_up(lake, LATER, 1 << 30) == 0


def test_hours_that_go_on_and_few_flows_have_none(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [FLOW, FLOW])
    add_segment(lake, "flows", [FLOW])
    file_under(lake, NOON // HOUR * HOUR)
    assert roll_up(lake, NOON + HOUR // 2, 1 << 30) == 0
    assert roll_up(lake, NOON + 2 * HOUR, 1 << 30) == 1
    assert [segment.rollup is None for segment in flows_of(lake)] == [False, True]


def test_what_cannot_be_exact_is_looked_at_once_and_left(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [FLOW, FLOW | {"reverse_bytes": 1}])
    assert roll_up(lake, LATER, 1 << 30) == 1
    [segment] = flows_of(lake)
    assert segment.rollup == Rollup()
    assert segment.files == (segment.path,)
    assert roll_up(lake, LATER, 1 << 30) == 0


@pytest.mark.parametrize(
    "odd",
    [
        {"start": -5, "end": 5},  # before 1970
        {"bytes": 2**64 - 1},  # with another, more than fits
        {"received": None, "start": None, "end": None},
    ],
)
def test_odd_flows_are_left_to_be_read(tmp_path: Path, odd: dict[str, int | None]) -> None:
    lake = make_lake(tmp_path / "lake", [FLOW, FLOW | odd])
    roll_up(lake, LATER, 1 << 30)
    assert [segment.rollup for segment in flows_of(lake)] == [Rollup()]


def test_a_table_that_does_not_pay_is_left_out(tmp_path: Path) -> None:
    rows = [FLOW | {"src_port": number % 65536, "dst_port": number % 2} for number in range(5000)]
    lake = make_lake(tmp_path / "lake", rows)
    roll_up(lake, LATER, 1 << 30)
    [segment] = flows_of(lake)
    assert segment.rollup
    assert "src_port" not in segment.rollup.tables
    assert segment.rollup.tables["dst_port"][0] == 2


def test_a_rollup_goes_with_its_segment(lake: Lake) -> None:
    writer = LakeWriter(lake, "collect-1")
    for numbers in ([1, 2], [3, 4]):
        writer.append(batches(numbers, NOON))
        writer.compact(NOON)
    writer.close(NOON)
    assert roll_up(lake, LATER, 1 << 30) == 2
    files = [lake.path / path for segment in flows_of(lake) for path in segment.files]
    assert len(files) == 4
    assert all(path.exists() for path in files)
    assert remove_orphans(lake) == 0
    compaction.merge_levels(lake, LATER, 1 << 30)
    sweep(lake, LATER + HOUR, grace=0)
    assert not any(path.exists() for path in files)
    # What was joined has the sums of both at once.
    [joined] = flows_of(lake)
    assert joined.rollup
    assert (lake.path / joined.rollup.path).exists()
    assert joined.rollup.sums[0] > 0
    assert roll_up(lake, LATER, 1 << 30) == 0


def test_only_one_process_rolls_up_at_a_time(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [FLOW, FLOW])
    lock = compaction.merge_lock(lake)
    assert lock
    with lock:
        assert roll_up(lake, LATER, 1 << 30) == 0


def test_flows_that_rotted_are_not_summed_up_and_keep_no_others_from_it(lake: Lake) -> None:
    for number, at in enumerate((NOON, NOON + HOUR)):
        writer = LakeWriter(lake, f"w{number}")
        writer.append(batches([number, number + 5], at))
        writer.close(at)
    rotten, _ = flows_of(lake)
    path = lake.path / rotten.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(LakeUnreadableError, match=f"{path.name}.*checksum.*tidegauge lake verify"):
        roll_up(lake, LATER, 1 << 30)
    assert roll_up(lake, LATER, 1 << 30) == 1
    assert [segment.is_rolled for segment in flows_of(lake)] == [False, True]
    assert not list(lake.path.rglob("*.partial"))
    path.write_bytes(content[:4] + bytes(len(content) - 8) + content[-4:])
    lake.faults.clear()
    with pytest.raises(LakeUnreadableError, match=path.name):
        roll_up(lake, LATER, 1 << 30)


def test_a_rollup_has_its_checksum_and_is_made_anew_beside_the_damaged_one(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1, 2], NOON))
    writer.close(NOON)
    roll_up(lake, LATER, 1 << 30)
    [segment] = flows_of(lake)
    assert segment.sums
    path = lake.path / segment.sums.path
    whole = path.read_bytes()
    assert segment.sums.checksum == crc32(whole)
    path.write_bytes(whole[:-1])
    with path.open("rb") as reading:
        roll_up(lake, LATER, 1 << 30)
        assert reading.read() == whole[:-1], "whoever has it open reads what he began with"
    assert path.read_bytes() == whole
