from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sample_lake import make_lake
from tidegauge.app import lake_readiness
from tidegauge.app.lake_readiness import kept_ready
from tidegauge.store.lake import Lake
from tidegauge.store.segment import HOUR, NANOSECONDS

PATIENCE_SECONDS = 60.0


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_collector_leaves_its_lake_ready_for_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_readiness, "FIRST_SECONDS", 0.0)
    lake = make_lake(tmp_path / "lake")
    with kept_ready(lake, time.time_ns):
        wait_until((lake.path / "answers.msgpack").exists)


def test_it_does_so_after_each_hour_and_tells_once_of_what_keeps_it_from_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lake_readiness, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(lake_readiness, "AFTER_HOUR_SECONDS", 0.01)
    asked = list[int]()

    def clock() -> int:
        asked.append(1)
        return HOUR - NANOSECONDS // 100

    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with kept_ready(Lake.create(tmp_path / "lake"), clock):
        wait_until(lambda: len(asked) >= 3)
    assert [record.message for record in caplog.records] == ["the lake could not be made ready for pages"]


@pytest.mark.parametrize(
    ("most_seconds", "reason"), [(0.2, "it was not done after 0 s, and was ended"), (600, None)]
)
def test_one_that_takes_for_ever_is_ended_at_its_time_and_with_the_collector(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    most_seconds: float,
    reason: str | None,
) -> None:
    started = list[subprocess.Popen[str]]()

    def start(_command: list[str], **rest: object) -> subprocess.Popen[str]:
        sleep = [sys.executable, "-c", "import time; time.sleep(3600)"]
        started.append(popen(sleep, **rest))  # type: ignore[call-overload]
        return started[-1]

    popen = subprocess.Popen
    monkeypatch.setattr(lake_readiness, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(lake_readiness, "MOST_SECONDS", most_seconds)
    monkeypatch.setattr(subprocess, "Popen", start)
    with kept_ready(Lake.create(tmp_path / "lake"), time.time_ns):
        wait_until(lambda: bool(started) and (reason is None or bool(caplog.records)))
    assert started[0].returncode == -15
    told = [vars(record)["facts"]["reason"] for record in caplog.records]
    assert told == ([] if reason is None else [reason])
