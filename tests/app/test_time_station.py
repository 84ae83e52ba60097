from __future__ import annotations

from pathlib import Path

import pytest

from tests.nts_server import self_signed
from tidegauge.app import time_station
from tidegauge.app.time_station import TimeStation
from tidegauge.ntp import server as server_module
from tidegauge.ntp.client import query
from tidegauge.ntp.cookie_keys import CookieKeys
from tidegauge.ntp.key_server import Certificate, KeyServer
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.server import VouchedServer
from tidegauge.ntp.service_record import RECORD_NAME, read_record
from tidegauge.receiving.listen_address import ListenAddress

NOW = 1_795_000_000_000_000_000


def test_word_and_record_are_kept_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_station, "WORD_SECONDS", 0.0)
    monkeypatch.setattr(time_station, "RECORD_SECONDS", 0.0)
    clock = OwnClock(None)
    monkeypatch.setattr(server_module, "read_own_clock", lambda: clock)
    seen: list[int] = []
    with VouchedServer("127.0.0.1", 0) as server:
        listening = ListenAddress("127.0.0.1", server.port)
        station = TimeStation(server, listening, [tmp_path / RECORD_NAME], lambda: NOW)

        def told_to_stop_within(_seconds: float) -> bool:
            """Ask once a turn, with a clock that is known after the first."""
            nonlocal clock
            seen.append(len(read_record(tmp_path).clients))
            measurement = query("127.0.0.1", server.port)
            assert measurement.is_synchronised is (len(seen) > 1)
            clock = OwnClock(2_000_000)
            return len(seen) == 4

        station.write_records()
        station.run(told_to_stop_within)
    assert seen == [0, 1, 1, 1]
    record = read_record(tmp_path)
    assert (record.written, record.listening) == ("2026-11-18T11:06:40.000000000Z", str(listening))
    assert record.counters["answered"] == 4


def test_a_full_disk_stops_nobody_from_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(time_station, "RECORD_SECONDS", 0.0)
    folder = tmp_path / "state"
    folder.mkdir()
    turns = iter((False, True))

    def told_to_stop_within(_seconds: float) -> bool:
        (folder / RECORD_NAME).unlink(missing_ok=True)
        if folder.exists():
            folder.rmdir()
        return next(turns)

    with VouchedServer("127.0.0.1", 0) as server:
        station = TimeStation(server, ListenAddress("127.0.0.1", 0), [folder / RECORD_NAME], lambda: NOW)
        station.run(told_to_stop_within)
        query("127.0.0.1", server.port)
    assert caplog.messages == ["record not written"] * 2


def test_every_counter_is_documented(root: Path, tmp_path: Path) -> None:
    page = (root / "docs/how-to/serve-time.md").read_text()
    certificate = Certificate(*self_signed(tmp_path, "localhost"))
    with VouchedServer("127.0.0.1", 0) as server:
        counters = server.counters()
    with KeyServer(("127.0.0.1", 0), certificate, time_port=123, seal=CookieKeys.create(NOW).seal) as keys:
        counters |= keys.counters()
    assert not [name for name in counters if f"`{name}`" not in page]
