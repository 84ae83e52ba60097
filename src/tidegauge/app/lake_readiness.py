"""Keeping a lake ready for whoever opens a page of it first, where the collector shows none itself.

Another process does it, once an hour and with the least priority: questions need a database, which has no
business in a process that receives.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

from tidegauge.store.segment import HOUR, NANOSECONDS
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegauge.store.lake import Lake

FIRST_SECONDS = 300.0
AFTER_HOUR_SECONDS = 300.0
"""By then the files of the hour that is over were joined."""

MOST_SECONDS = 600.0
_STEP_SECONDS = 0.2
_LEAST_PRIORITY = 19

_log = Log(__name__)


@contextmanager
def kept_ready(lake: Lake, clock: Callable[[], int]) -> Iterator[None]:
    """Have a lake made ready until the block ends."""
    readiness = LakeReadiness(lake, clock)
    readiness.start()
    try:
        yield
    finally:
        readiness.stop()


class LakeReadiness:
    """Has ``tidegauge lake ready`` run soon after the start, and then after each hour of the ``clock``."""

    def __init__(self, lake: Lake, clock: Callable[[], int]) -> None:
        self._lake = lake
        self._clock = clock
        self._stopping = Event()
        self._is_failing = False
        self._thread = Thread(target=self._run, name="readiness")

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """End, at once: nothing is lost but time."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        wait = FIRST_SECONDS
        while not self._stopping.wait(wait):
            self._make_ready()
            wait = (HOUR - self._clock() % HOUR) / NANOSECONDS + AFTER_HOUR_SECONDS

    def _make_ready(self) -> None:
        command = [sys.executable, "-m", "tidegauge", "lake", "ready", "--lake", str(self._lake.path)]
        try:
            with subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            ) as process:
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, process.pid, _LEAST_PRIORITY)
                self._await(process)
        except OSError as error:
            self._tell(str(error))

    def _await(self, process: subprocess.Popen[str]) -> None:
        """Wait for its end, or end it when there is no time left for it."""
        for _ in range(round(MOST_SECONDS / _STEP_SECONDS)):
            if self._stopping.wait(_STEP_SECONDS) or process.poll() is not None:
                break
        is_late = process.poll() is None
        if is_late:
            process.terminate()
        _, told = process.communicate()
        if self._stopping.is_set():
            return
        if is_late:
            self._tell(f"it was not done after {MOST_SECONDS:.0f} s, and was ended")
        elif process.returncode:
            self._tell(told.strip().rpartition("\n")[2] or f"it ended with {process.returncode}")
        else:
            self._is_failing = False

    def _tell(self, reason: str) -> None:
        """Say what went wrong, once until it goes well: all that follows is a slower first look at a page."""
        if not self._is_failing:
            _log.warning("the lake could not be made ready for pages", reason=reason)
        self._is_failing = True
