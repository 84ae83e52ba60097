from __future__ import annotations

from pathlib import Path

import pytest

from tests.numbered_flows import batches, numbers_in
from tidegauge.store.damage import FOLDER, is_torn, set_aside_torn
from tidegauge.store.lake import Lake
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
    assert set_aside_torn(lake, tail) == 0
    tail.path(2, "flows").write_bytes(b"PAR1")
    assert set_aside_torn(lake, tail) == 1
    assert numbers_in(lake) == [0, 2]
    assert {path.name for path in (lake.path / FOLDER / "w").iterdir()} == {
        "000000000002.flows.parquet",
        "000000000002.ledger.parquet",
    }
