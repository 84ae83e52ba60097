from __future__ import annotations

from pathlib import Path

import pytest

from tests.numbered_flows import NOON, SECOND, datagrams
from tidegauge.receiving.capture import Batch, CaptureReader

# A template set of NetFlow v9 (RFC 3954, section 5.2): template 256 with octets (1) in 4 bytes.
TEMPLATE = bytes.fromhex("0009 0001 00000000 69566b40 00000000 00000000 0000 000c 0100 0001 0001 0004")
DATA = bytes.fromhex("0009 0001 00000000 69566b41 00000001 00000000 0100 0008 0000002a")


def flows(rows: list[Batch]) -> int:
    return sum(len(batch) for batch in rows if batch.table == "flows")


def write(path: Path, *contents: bytes) -> Path:
    path.write_bytes(b"".join(contents))
    return path


def test_a_file_comes_in_slices(tmp_path: Path) -> None:
    path = write(tmp_path / "v5", *datagrams(range(95)))
    slices = [flows(rows) for rows in CaptureReader([path], slice_datagrams=2).batches()]
    assert [count for count in slices if count] == [60, 35]


def test_what_was_read_is_accounted_for(tmp_path: Path) -> None:
    first = write(tmp_path / "one", *datagrams(range(40)))
    second = write(tmp_path / "two", *datagrams(range(20), NOON + SECOND))
    reader = CaptureReader([first, second], exporter="192.0.2.7")
    assert sum(map(flows, reader.batches())) == 60
    assert reader.datagrams == {first: 2, second: 1}
    assert reader.counters["records"] == 60
    assert {snapshot.exporter for snapshot in reader.exporters} == {"192.0.2.7"}


def test_files_do_not_share_templates(tmp_path: Path) -> None:
    paths = [write(tmp_path / "template", TEMPLATE), write(tmp_path / "data", DATA)]
    reader = CaptureReader(paths)
    assert sum(map(flows, reader.batches())) == 0
    assert reader.counters["lost_no_template"] == 1


def test_one_session_shares_templates(tmp_path: Path) -> None:
    paths = [write(tmp_path / "template", TEMPLATE), write(tmp_path / "data", DATA)]
    assert sum(map(flows, CaptureReader(paths, one_session=True).batches())) == 1


def test_the_last_arrival_is_of_all_files(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "late", *datagrams(range(3), NOON + SECOND)),
        write(tmp_path / "early", *datagrams(range(3))),
    ]
    reader = CaptureReader(paths)
    assert reader.last_arrival() == NOON + SECOND
    list(reader.batches())
    assert reader.counters["records"] == 6  # the second reading starts its account anew


def test_a_file_without_exports_is_counted_as_such(tmp_path: Path) -> None:
    path = write(tmp_path / "text", b"no flow at all\n")
    reader = CaptureReader([path])
    assert sum(map(flows, reader.batches())) == 0
    assert reader.datagrams == {path: 0}
    assert reader.last_arrival() is None


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"{tmp_path}/none cannot be read"):
        list(CaptureReader([tmp_path / "none"]).batches())
