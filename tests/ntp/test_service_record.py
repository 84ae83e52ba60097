from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.ntp.service_record import ServiceRecord, read_record

RECORD = ServiceRecord(
    written="2026-01-01T00:00:00Z", listening="udp://[::]:123", counters={"a": 1}, clients=[]
)


def test_a_record_is_read_as_it_was_written() -> None:
    assert ServiceRecord.from_json(RECORD.to_json()) == RECORD


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", RECORD.to_json()[:-20]])
def test_what_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no record of an NTP server"):
        ServiceRecord.from_json(content)


def test_another_schema_is_refused() -> None:
    content = RECORD.to_json().replace(b'"schema": 1', b'"schema": 2')
    with pytest.raises(ValueError, match="schema 2"):
        ServiceRecord.from_json(content)


def test_a_folder_without_a_record_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no record of an NTP server"):
        read_record(tmp_path)
