from __future__ import annotations

from pathlib import Path

from tidegauge.store.copy_record import CopyFate, read_records, write_record
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import RAW

NOON = 1_767_268_800 * 10**9


def test_a_record_comes_back_and_grows_old(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    fate = CopyFate(
        target="udp://192.0.2.7:2055", datagrams=5, lost_queue=1, lost_failed=2, keeps_source=False
    )
    write_record(lake, "udp://[::1]:2055", [fate], NOON)
    [record] = read_records(lake)
    assert (record.listener, record.copies) == ("udp://[::1]:2055", [fate])
    assert fate.lost == 3
    assert record.is_running_at(NOON + 60 * 10**9)
    assert not record.is_running_at(NOON + 61 * 10**9)


def test_what_is_no_record_is_passed_over(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    assert list(read_records(lake)) == []
    (lake.path / RAW).mkdir()
    (lake.path / RAW / "torn.json").write_text('{"schema": 1, "writ')
    assert list(read_records(lake)) == []


def test_an_error_is_told_in_words() -> None:
    row: dict[str, int | str | None] = {
        "folder": "/x",
        "datagrams": 1,
        "bytes": 2,
        "file_bytes": 3,
        "lost_queue": 0,
        "lost_room": 0,
        "lost_failed": 4,
        "error": 13,
    }
    fate = CopyFate.of(row)
    assert (fate.error, fate.keeps_source, fate.lost) == ("Permission denied", None, 4)
    assert CopyFate.of(row | {"error": None, "keeps_source": 0}).keeps_source is False
