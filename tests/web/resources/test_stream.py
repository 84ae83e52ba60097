from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.sample_lake import add_segment, make_lake
from tests.web.conftest import FLOWS, NOW, running
from tests.web.visitor import Visitor
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.store.lake import Lake
from tidegauge.web.resources import stream


class Watcher:
    """Reads events off the stream."""

    def __init__(self, visitor: Visitor) -> None:
        self._connection = HTTPConnection("127.0.0.1", visitor.port, timeout=10)
        self._connection.request("GET", "/api/v1/stream")
        self.reply = self._connection.getresponse()
        self.told = self.event()

    def line(self) -> bytes:
        return self.reply.readline()

    def event(self) -> tuple[str, Any]:
        name, data, blank = self.line(), self.line(), self.line()
        assert blank == b"\n"
        return name.decode().removeprefix("event: ").strip(), json.loads(data.removeprefix(b"data: "))

    def close(self) -> None:
        self._connection.close()


def test_a_watcher_hears_of_new_flows_within_a_beat_or_two(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", FLOWS[:1])
    with running(lake.path) as visitor:
        watcher = Watcher(visitor)
        assert watcher.reply.headers["content-type"].startswith("text/event-stream")
        assert watcher.told == ("time", {"time": text_from_instant(NOW)})
        name, first = watcher.event()
        assert (name, first["overview"]["bits_per_second"]) == ("beat", 800)
        add_segment(lake, "flows", FLOWS[1:])
        name, second = watcher.event()
        assert second["changed"] == {"flows": True, "options": False, "sightings": False, "ledger": False}
        assert second["overview"]["bits_per_second"] == 10000 * 8 // 60
        assert second["generation"] > first["generation"]
        watcher.close()


def test_silence_is_broken_by_a_comment(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 1.0)
    with running(lake.path) as visitor:
        watcher = Watcher(visitor)
        watcher.event()
        assert watcher.line() == b": still here\n"
        watcher.close()


def test_a_missing_lake_is_an_event_not_an_end(tmp_path: Path) -> None:
    with running(tmp_path / "lake") as visitor:
        watcher = Watcher(visitor)
        name, problem = watcher.event()
        assert (name, problem["type"]) == ("problem", "urn:tidegauge:problem:lake")
        make_lake(tmp_path / "lake", FLOWS)
        while name == "problem":
            name, _ = watcher.event()
        assert name == "beat"
        watcher.close()
