"""Watching a collector until it is told to stop or a listener fails, its statistics kept in a file."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import msgspec

from tidegauge.store.durable import write_whole
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegauge.app.collector import Collector

WATCH_SECONDS = 1.0
STATISTICS_SECONDS = 5.0

_log = Log(__name__)


def watch(
    collector: Collector, told_to_stop_within: Callable[[float], bool], statistics_path: Path | None
) -> None:
    """Return when told to stop, or when a listener failed. Without a path there are no statistics."""
    due = time.monotonic()
    is_failing = False
    while collector.failure is None and not told_to_stop_within(WATCH_SECONDS):
        if time.monotonic() < due:
            continue
        try:
            write_statistics(collector, statistics_path)
        except OSError as error:
            # Receiving goes on. Said once: a full disk tells of itself all the time.
            if not is_failing:
                _log.error("statistics cannot be written", reason=error)
            is_failing = True
        else:
            is_failing = False
        due = time.monotonic() + STATISTICS_SECONDS


def require_statistics(path: Path | None) -> None:
    """Raise OSError where statistics could not be written: at the start, and not at the end of a week."""
    if path is None:
        return
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OSError(f"statistics cannot be written to {path}: there is no folder {folder}; make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OSError(f"statistics cannot be written to {path}: nothing can be written in {folder}")


def write_statistics(collector: Collector, path: Path | None) -> None:
    """Write down what was received, stored and lost by now. Raises OSError."""
    if path is not None:
        content = msgspec.json.format(msgspec.json.encode(collector.statistics(is_written=True)), indent=2)
        try:
            write_whole(path.absolute(), content + b"\n")
        except OSError as error:
            raise OSError(f"statistics cannot be written to {path}: {error.strerror}") from error
