from __future__ import annotations

from pathlib import Path

from tidegauge.store.fault import fault_at_a_glance, fault_in_bytes
from tidegauge.store.segment import Segment


def test_what_a_size_betrays(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    segment = Segment(table="flows", path=str(path), bytes=1_000)
    assert fault_at_a_glance(segment) == "is missing"
    path.write_bytes(bytes(999))
    assert fault_at_a_glance(segment) == "has 999 bytes and was written with 1,000"
    path.write_bytes(bytes(1_000))
    assert fault_at_a_glance(segment) == ""


def test_of_a_tail_nobody_knows_the_size(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"x")
    assert fault_at_a_glance(Segment(table="flows", path=str(path))) == ""


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    assert fault_at_a_glance(Segment(table="flows", path=str(tmp_path / "x/y"))) == "Not a directory"


def test_a_checksum_finds_what_no_size_betrays(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"123456789")
    segment = Segment(table="flows", path=str(path), bytes=9, checksum=0xCBF43926)
    assert fault_in_bytes(segment) == ""
    path.write_bytes(b"123456788")
    assert fault_in_bytes(segment) == "has the checksum bcf309b0 and was written with cbf43926"
    path.unlink()
    assert fault_in_bytes(segment) == "cannot be read (No such file or directory)"


def test_what_an_older_release_wrote_has_no_checksum(tmp_path: Path) -> None:
    assert fault_in_bytes(Segment(table="flows", path=str(tmp_path / "none"))) == ""
