from __future__ import annotations

import json
from pathlib import Path

import pytest

from tidegauge.app import collector_watch
from tidegauge.app.collector import Collector
from tidegauge.app.collector_watch import require_statistics, watch
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


def test_a_file_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    require_statistics(None)
    require_statistics(tmp_path / "stats.json")
    with pytest.raises(OSError, match=f"there is no folder {tmp_path / 'gone'}; make it first"):
        require_statistics(tmp_path / "gone" / "stats.json")


def test_a_folder_that_vanishes_is_told_once_and_stops_nothing(
    lake: Lake,
    loopback: ListenAddress,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(collector_watch, "STATISTICS_SECONDS", 0.0)
    path = tmp_path / "gone" / "stats.json"
    collector = Collector(lake, [loopback], lambda: 0)
    turns = iter((False, False, False, True))
    watch(collector, lambda _seconds: next(turns), path)
    assert caplog.text.count("statistics cannot be written") == 1
    with pytest.raises(OSError, match=f"statistics cannot be written to {path}: No such file"):
        collector_watch.write_statistics(collector, path)


def test_statistics_are_whole_json(lake: Lake, loopback: ListenAddress, tmp_path: Path) -> None:
    collector_watch.write_statistics(Collector(lake, [loopback], lambda: 0), tmp_path / "stats.json")
    assert json.loads((tmp_path / "stats.json").read_text())["datagrams"] == 0
