"""Watching a collector until it is told to stop or a listener fails, its statistics kept in a file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from tidegauge.store.durable import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegauge.app.collector import Collector

WATCH_SECONDS = 1.0
STATISTICS_SECONDS = 5.0


def watch(
    collector: Collector, told_to_stop_within: Callable[[float], bool], statistics_path: Path | None
) -> None:
    """Return when told to stop, or when a listener failed. Without a path there are no statistics."""
    due = time.monotonic()
    while collector.failure is None and not told_to_stop_within(WATCH_SECONDS):
        if time.monotonic() >= due:
            write_statistics(collector, statistics_path)
            due = time.monotonic() + STATISTICS_SECONDS


def write_statistics(collector: Collector, path: Path | None) -> None:
    """Write down what was received, stored and lost by now."""
    if path is not None:
        content = msgspec.json.format(msgspec.json.encode(collector.statistics()), indent=2)
        write_whole(path.absolute(), content + b"\n")
