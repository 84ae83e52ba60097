from __future__ import annotations

from pathlib import Path

import pytest

from tests.numbered_flows import batches, numbers_in
from tidegauge.store.damage import FOLDER, is_torn, set_aside_sums, set_aside_torn
from tidegauge.store.fault import Fault
from tidegauge.store.lake import Lake
from tidegauge.store.segment import ROLLUPS, Segment
from tidegauge.store.tail import Tail
from tidegauge.store.writer import LakeWriter


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", True),
        (b"PAR1PAR1", True),
        (b"PAR1" + bytes(4) + b"PAR1", False),
        (b"PAR1" + (1).to_bytes(4, "little") + b"PAR1", True),
        (bytes(8) + b"PAR1", True),
        (b"PAR1" + bytes(8), True),
    ],
)
def test_a_file_is_torn_that_has_not_both_ends(tmp_path: Path, content: bytes, *, expected: bool) -> None:
    (tmp_path / "file").write_bytes(content)
    assert is_torn(tmp_path / "file") == expected


def test_a_set_goes_as_a_whole_and_others_stay(lake: Lake) -> None:
    writer = LakeWriter(lake, "w")
    for number in range(3):
        writer.append(batches([number], writer_id="w"))
    tail = Tail(lake.path / "tail" / "w")
    assert set_aside_torn(lake.path, tail) == 0
    tail.path(2, "flows").write_bytes(b"PAR1")
    assert set_aside_torn(lake.path, tail) == 1
    assert numbers_in(lake) == [0, 2]
    assert {path.name for path in (lake.path / FOLDER / "w").iterdir()} == {
        "000000000002.flows.parquet",
        "000000000002.ledger.parquet",
    }


def test_killed_in_between_a_torn_set_counts_for_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LakeWriter(lake, "w")
    writer.append(batches([1], writer_id="w"))
    tail = Tail(lake.path / "tail" / "w")
    tail.path(1, "flows").write_bytes(b"PAR1")
    monkeypatch.setattr("tidegauge.store.damage.sync", _killed)
    with pytest.raises(KeyboardInterrupt):
        set_aside_torn(lake.path, tail)
    assert tail.sets_after(0) == []


def _killed(_: Path) -> None:
    raise KeyboardInterrupt


def test_a_damaged_rollup_is_moved_away(lake: Lake) -> None:
    path = lake.path / "segments/12-hour-w-1.rollups.parquet"
    path.parent.mkdir()
    path.write_bytes(b"torn")
    fault = Fault(Segment(table=ROLLUPS, path=str(path)), "cannot be read")
    assert set_aside_sums(lake.path, [fault]) == [str(path)]
    assert (lake.path / FOLDER / ROLLUPS / path.name).read_bytes() == b"torn"
    assert set_aside_sums(lake.path, [fault]) == [str(path)], "another process was faster"


def test_who_may_not_write_leaves_what_is_damaged(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path, __: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    assert set_aside_sums(lake.path, [Fault(Segment(table=ROLLUPS, path="x"), "cannot be read")]) == []
