from __future__ import annotations

import json
from pathlib import Path

import pytest

from tidegauge.cli.main import run
from tidegauge.ntp.askers import Asker
from tidegauge.ntp.service_record import RECORD_NAME, ServiceRecord


def asker(address: str, last_seen: str, requests: int = 9, offset_seconds: float | None = None) -> Asker:
    return Asker(
        address=address,
        first_seen="2026-01-01T00:00:00.000000000Z",
        last_seen=last_seen,
        requests=requests,
        answered=requests,
        limited=0,
        authenticated=0,
        interleaved=0,
        version=4,
        poll_seconds=64.0,
        interval_seconds=64.0,
        offset_seconds=offset_seconds,
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    clients = [
        asker("192.0.2.1", "2200-01-01T00:00:00.000000000Z", offset_seconds=-300.0),
        asker("192.0.2.2", "2026-01-02T00:00:00.000000000Z"),
        asker("192.0.2.3", "2026-01-01T00:00:00.000000000Z", requests=1),
    ]
    record = ServiceRecord(
        written="2026-01-02T00:00:00.000000000Z",
        listening="udp://127.0.0.1:123",
        counters={"clients_forgotten": 7},
        clients=clients,
    )
    (tmp_path / RECORD_NAME).write_bytes(record.to_json())
    return tmp_path


def test_clients_tell_who_asks_and_who_stopped(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["time", "clients", "--state", str(state), "--format", "json"]) == 0
    printed = capsys.readouterr()
    rows = json.loads(printed.out)
    assert [(row["address"], row["state"]) for row in rows] == [
        ("192.0.2.1", "asks"),
        ("192.0.2.2", "stopped"),
        ("192.0.2.3", "asked once"),
    ]
    assert [row["offset_seconds"] for row in rows] == [-300.0, None, None]
    assert "7 addresses were forgotten" in printed.err


def test_clients_are_ordered_and_cut(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--order", "requests:asc", "--limit", "1", "--format", "ndjson"]
    assert run(["time", "clients", "--state", str(state), *options]) == 0
    assert json.loads(capsys.readouterr().out)["address"] == "192.0.2.3"


def test_clients_end_4_without_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["time", "clients", "--state", str(tmp_path)]) == 4
    assert "no record of an NTP server" in capsys.readouterr().err
    (tmp_path / RECORD_NAME).write_text("{}")
    assert run(["time", "clients", "--state", str(tmp_path)]) == 4
    assert RECORD_NAME in capsys.readouterr().err
