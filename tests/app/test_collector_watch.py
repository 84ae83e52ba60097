from __future__ import annotations

import json
from pathlib import Path

import pytest

from tidegauge.app import collector_watch
from tidegauge.app.collector import Collector
from tidegauge.app.collector_watch import watch
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake


def test_statistics_are_written_while_it_is_watched(
    lake: Lake, loopback: ListenAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector_watch, "STATISTICS_SECONDS", 0.0)
    path = tmp_path / "stats.json"
    collector = Collector(lake, [loopback], lambda: 0)
    turns = iter((False, False, True))
    seen: list[bool] = []

    def told_to_stop_within(_seconds: float) -> bool:
        seen.append(path.exists())
        path.unlink(missing_ok=True)
        return next(turns)

    watch(collector, told_to_stop_within, path)
    assert seen == [False, True, True]
    watch(collector, lambda _seconds: True, None)
    assert not path.exists()


def test_statistics_are_whole_json(lake: Lake, loopback: ListenAddress, tmp_path: Path) -> None:
    collector_watch.write_statistics(Collector(lake, [loopback], lambda: 0), tmp_path / "stats.json")
    assert json.loads((tmp_path / "stats.json").read_text())["datagrams"] == 0
