"""Keeping an eye on our own clock while something else goes on, and what it was worth in the lake."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import msgspec

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server import RENEWAL_SECONDS
from tidegauge.store.exchanges import append
from tidegauge.store.own_clock import JudgementWriter
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegauge.flow.clock_judgement import ClockJudgement
    from tidegauge.flow.exchange import Exchange
    from tidegauge.ntp.server_address import ServerAddress
    from tidegauge.store.lake import Lake

JUDGE_SECONDS = 2.0
FIRST_SECONDS = 1.0
"""So long most servers take to answer for the first time."""
RENEWAL = 600 * NANOSECONDS
"""So long nothing is written while nothing changes."""
STORE_SECONDS = 60.0
WAITING = 10_000
"""Exchanges kept while they cannot be stored."""

_log = Log(__name__)


@contextmanager
def time_kept(
    lake: Lake, addresses: Sequence[ServerAddress] = (), trusted: Path | None = None
) -> Iterator[TimeKeeping]:
    """Judge our clock until the block ends, by the servers, a chronyd on this machine, or the kernel."""
    keeping = TimeKeeping(lake, addresses, trusted)
    keeping.start()
    try:
        yield keeping
    finally:
        keeping.stop()


class TimeKeeping:
    """Judges our clock every two seconds, writes down what is new, and what was asked of whom."""

    def __init__(self, lake: Lake, addresses: Sequence[ServerAddress], trusted: Path | None = None) -> None:
        self._lake = lake
        self._polling = SourcePolling(addresses, trusted, self._heard)
        self._writer = JudgementWriter(lake)
        self._written: ClockJudgement | None = None
        self._exchanges: deque[Exchange] = deque(maxlen=WAITING)
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="time")

    def start(self) -> None:
        """Begin to ask and to judge."""
        self._polling.start()
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; what was heard by now is still stored."""
        self._polling.stop()
        self._stopping.set()
        self._thread.join()

    def own_clock(self) -> OwnClock:
        """What our clock is worth until an NTP server asks again, for it to tell its clients."""
        return OwnClock.from_judgement(self._polling.judge(RENEWAL_SECONDS))

    def _run(self) -> None:
        due = time.monotonic() + STORE_SECONDS
        while True:
            is_last = self._stopping.wait(JUDGE_SECONDS if self._written else FIRST_SECONDS)
            self._look()
            if is_last or time.monotonic() >= due:
                self._store()
                due = time.monotonic() + STORE_SECONDS
            if is_last:
                return

    def _look(self) -> None:
        judgement = self._polling.judge()
        if self._written is not None and not is_news(self._written, judgement):
            return
        if judgement.step:
            _log.warning("somebody set this machine's clock", seconds=judgement.step / NANOSECONDS)
        try:
            self._writer.append(judgement)
        except OSError as error:
            _log.error("what this machine's clock is worth could not be stored", error)
        self._written = judgement

    def own_bound(self) -> int | None:
        """How far our clock may be off until the next judgement; None where nobody knows."""
        lasting = self._written.lasting if self._written else None
        return max(-lasting[0], lasting[1]) if lasting else None

    def _heard(self, exchange: Exchange) -> None:
        self._exchanges.append(msgspec.structs.replace(exchange, clock_bound=self.own_bound()))

    def _store(self) -> None:
        if not self._exchanges:
            return
        heard = [self._exchanges.popleft() for _ in range(len(self._exchanges))]
        try:
            self._lake.space.require_room()
            append(self._lake, heard, time.time_ns())
        except Exception as error:  # noqa: BLE001 -- our clock has to be watched whatever went wrong in storing
            _log.error("exchanges with time servers could not be stored", error, exchanges=len(heard))
            self._exchanges.extendleft(reversed(heard))


def is_news(before: ClockJudgement, now: ClockJudgement) -> bool:
    """Whether a judgement says something that the one written before does not."""
    if (
        now.step
        or now.judge != before.judge
        or now.leap != before.leap
        or now.at - before.at >= RENEWAL
        or now.at < before.at
    ):
        return True
    if [source.state for source in now.sources] != [source.state for source in before.sources]:
        return True
    return not before.holds_for(now)
