from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import msgspec
import pytest

from tests.numbered_flows import NOON, batches
from tidegauge.store.examination import fault_inside, find_faults
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest
from tidegauge.store.segment import Segment
from tidegauge.store.writer import LakeWriter


@pytest.fixture
def segments(lake: Lake) -> dict[str, Segment]:
    """A segment of each table that has rows, with 40 flows."""
    writer = LakeWriter(lake, "w")
    writer.append(batches(range(40)))
    writer.close(NOON)
    with lake.generation() as generation:
        return {segment.table: segment for segment in generation.all_segments()}


def without_checksum(segment: Segment) -> Segment:
    """As an older release wrote it."""
    return msgspec.structs.replace(segment, checksum=None)


@pytest.mark.parametrize("quick", [True, False])
def test_sound_files(segments: dict[str, Segment], *, quick: bool) -> None:
    assert segments.keys() >= {"flows", "ledger"}
    assert {fault_inside(segment, quick=quick) for segment in segments.values()} == {""}


@pytest.mark.parametrize("quick", [True, False])
def test_another_number_of_rows(segments: dict[str, Segment], *, quick: bool) -> None:
    wrong = msgspec.structs.replace(segments["flows"], rows=41)
    assert fault_inside(wrong, quick=quick) == "holds 40 rows and should hold 41"


@pytest.mark.parametrize(
    ("bounds", "what"),
    [
        ({"received_min": NOON + 1}, "arrivals"),
        ({"received_max": NOON - 1}, "arrivals"),
        ({"start_min": NOON}, "flows"),
        ({"end_max": NOON - 3_600 * 10**9}, "flows"),
    ],
)
def test_bounds_that_would_hide_rows(segments: dict[str, Segment], bounds: dict[str, int], what: str) -> None:
    wrong = msgspec.structs.replace(segments["flows"], **bounds)
    assert fault_inside(wrong) == f"has {what} outside of the range that its manifest tells"


def test_a_damaged_end(segments: dict[str, Segment]) -> None:
    path = Path(segments["flows"].path)
    content = bytearray(path.read_bytes())
    content[-6] ^= 0xFF  # of the length of the footer
    path.write_bytes(content)
    for quick in (True, False):
        assert fault_inside(without_checksum(segments["flows"]), quick=quick).startswith("cannot be read (")


def test_statistics_that_lie(segments: dict[str, Segment]) -> None:
    """A first arrival in the footer that is later than the rows': a reader would skip them."""
    path = Path(segments["flows"].path)
    content = path.read_bytes()
    told = NOON.to_bytes(8, "little")
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    assert content.count(told, footer) >= 2
    path.write_bytes(content[:footer] + content[footer:].replace(told, (NOON + 5).to_bytes(8, "little")))
    segment = without_checksum(segments["flows"])
    assert fault_inside(segment) == "has statistics of received that its rows contradict"


def test_the_files_of_a_generation(lake: Lake, segments: dict[str, Segment]) -> None:
    with lake.generation() as generation:
        assert find_faults(generation) == {}
        shutil.copyfile(segments["ledger"].path, segments["flows"].path)
        assert list(find_faults(generation)) == [segments["flows"].path]


def test_text_of_any_path(tmp_path: Path) -> None:
    path = tmp_path / "o'clock.parquet"
    with duckdb.connect() as connection:
        connection.sql("SELECT 1 AS x").write_parquet(str(path))
    assert fault_inside(Segment(table="options", path=str(path), rows=1)) == ""


def rot(segment: Segment) -> None:
    """Turn a bit in the middle, which decodes as well as before."""
    path = Path(segment.path)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def test_each_bit_of_a_file_is_looked_at(segments: dict[str, Segment]) -> None:
    path = Path(segments["flows"].path)
    content = path.read_bytes()
    for place in range(0, len(content), 97):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        assert fault_inside(segments["flows"]).startswith("has the checksum "), place
    assert fault_inside(segments["flows"], quick=True) == ""


def test_without_a_checksum_files_are_decoded(lake: Lake, segments: dict[str, Segment]) -> None:
    def forget(newest: Manifest) -> Manifest:
        return msgspec.structs.replace(newest, segments=tuple(map(without_checksum, newest.segments)))

    lake.commit(forget, NOON)
    path = Path(segments["flows"].path)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(len(content) - 12) + content[-8:])
    with lake.generation() as generation:
        [(found, why)] = find_faults(generation).items()
    assert (found, why.startswith("cannot be read (")) == (str(path), True)


def test_a_rotten_file_is_found_though_it_can_be_decoded(lake: Lake, segments: dict[str, Segment]) -> None:
    rot(segments["ledger"])
    with lake.generation() as generation:
        assert list(find_faults(generation)) == [segments["ledger"].path]
