"""Asking several servers for the time, each in a thread of its own and at its own pace."""

from __future__ import annotations

import random
import time
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.client import KissOfDeathError
from tidegauge.ntp.clock_reading import read_clocks
from tidegauge.ntp.ensemble import judge
from tidegauge.ntp.own_clock import local_judges
from tidegauge.ntp.source import Source
from tidegauge.ntp.step_watch import StepWatch
from tidegauge.ntp.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tidegauge.flow.clock_judgement import ClockJudgement
    from tidegauge.flow.exchange import Exchange
    from tidegauge.ntp.server_address import ServerAddress

JITTER = 0.1
"""Part of an interval by which the next question is late at most, so that servers are not asked in step."""
ANSWER_SECONDS = 2.0
ROUND_SECONDS = 0.25


def _nobody_listens(_: Exchange) -> None:
    """Take an exchange that nobody wants."""


class SourcePolling:
    """Asks each server from ``start`` to ``stop``, and judges our clock at any time, without servers as well.

    ``heard`` is given every exchange, by the thread that had it. ``trusted`` is a file of certificates to
    trust for NTS.
    """

    def __init__(
        self,
        addresses: Sequence[ServerAddress],
        trusted: Path | None = None,
        heard: Callable[[Exchange], None] = _nobody_listens,
    ) -> None:
        reading = read_clocks()
        self._asked = [
            (Source(str(address), reading.raw), Upstream(address, trusted)) for address in addresses
        ]
        self._heard = heard
        self._watch = StepWatch(reading)
        self._untold_step = 0
        self._stopping = Event()
        self._lock = Lock()
        """Guards the sources: their threads change them while somebody judges."""
        self._threads = [
            Thread(target=self._follow, args=each, name=f"time-{each[0].name}", daemon=True)
            for each in self._asked
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask no more. Who still waits for an answer is not waited for."""
        self._stopping.set()

    def judge(self, ahead_seconds: float = 0) -> ClockJudgement:
        """What our clock is worth, by the servers, a chronyd on this machine, or the kernel.

        Now, or a while ahead: what it will be worth at least should no answer come until then. That somebody
        set our clock is told once, to who asks for now.
        """
        others = local_judges()
        with self._lock:
            reading = read_clocks()
            change = self._watch.look(reading)
            sources = [source for source, _ in self._asked]
            if change.has_slept:
                for source in sources:
                    source.forget_samples()
            step, self._untold_step = self._untold_step + change.step, 0
            if ahead_seconds:
                step, self._untold_step = 0, step
            return judge(sources, others, reading.later(ahead_seconds), step)

    def ask_all(self, rounds: int) -> None:
        """Ask every server some times, now, but those no more that wish so; return when all is answered."""
        for number in range(rounds):
            if number:
                time.sleep(ROUND_SECONDS)
            willing = [(source, upstream) for source, upstream in self._asked if source.schedule.is_willing]
            threads = [Thread(target=self._ask, args=each) for each in willing]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _follow(self, source: Source, upstream: Upstream) -> None:
        while (due := source.schedule.due) is not None:
            wait = (due - read_clocks().raw) / NANOSECONDS * random.uniform(1, 1 + JITTER)  # noqa: S311 -- no secret
            if self._stopping.wait(max(wait, 0)):
                return
            self._ask(source, upstream)

    def _ask(self, source: Source, upstream: Upstream) -> None:
        watch = StepWatch(read_clocks())
        try:
            measurement, exchange = upstream.ask(ANSWER_SECONDS)
        except KissOfDeathError as kiss:
            with self._lock:
                source.kissed(kiss.code, str(kiss), read_clocks().raw)
            return
        except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be looked up
            with self._lock:
                source.missed(getattr(error, "strerror", None) or str(error), read_clocks().raw)
            if source.schedule.is_unreachable:
                upstream.forget()
            return
        with self._lock:
            reading = read_clocks()
            if watch.look(reading).step:
                source.missed("our clock was set while it answered", reading.raw)
            else:
                source.answered(measurement, reading)
        self._heard(exchange)
