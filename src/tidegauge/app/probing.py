"""Probing: asking an exporter itself what time it is. Nobody does so unless told to, and never often."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

import msgspec

from tidegauge.app.target_address import TargetAddress
from tidegauge.clock.duration_text import duration_from_text
from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.flow.clock_probe import ClockProbe
from tidegauge.ntp import client, icmp_timestamp
from tidegauge.ntp.client import KissOfDeathError
from tidegauge.ntp.server_address import NTP_PORT
from tidegauge.store.clock_probes import ProbeWriter
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tidegauge.store.lake import Lake

LEAST_SECONDS = 16.0
"""Nobody is asked more often: an exporter has other things to do."""
JITTER = 0.1
_MICROSECOND = 1_000
_PATIENCE_SECONDS = 2.0

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """An exporter to ask: its NTP service (``ntp``), or its kernel by ICMP timestamps (``icmp``).

    >>> str(ProbeTarget.parse("icmp://192.0.2.1")), ProbeTarget.parse("ntp://192.0.2.1").port
    ('icmp://192.0.2.1', 123)
    """

    kind: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ProbeTarget:
        """Read ``ntp://HOST``, ``ntp://HOST:PORT`` or ``icmp://HOST``; raises ValueError with a sentence."""
        found = TargetAddress.parse(text)
        is_known = found and (found.scheme == "ntp" or (found.scheme == "icmp" and found.port is None))
        if not found or not is_known:
            raise ValueError(f"{text}: an exporter is asked by ntp://HOST or icmp://HOST")
        return cls(found.scheme, found.host, found.port or NTP_PORT)

    def __str__(self) -> str:
        return str(TargetAddress(self.kind, self.host, None if self.port == NTP_PORT else self.port))


def probe_pause(every: str) -> float:
    """The seconds of a duration such as ``5m``. Raises ValueError where it is none, or too short."""
    seconds = duration_from_text(every) / NANOSECONDS
    if seconds < LEAST_SECONDS:
        raise ValueError(f"{every} is too often: exporters are asked every {LEAST_SECONDS:.0f} s at most")
    return seconds


def probe(
    target: ProbeTarget,
    clock: Callable[[], int],
    clock_bound: int | None,
    timeout_seconds: float = _PATIENCE_SECONDS,
) -> ClockProbe:
    """Ask once. ``clock`` gives nanoseconds since 1970 and may be off by ``clock_bound``.

    What an NTP service says of how right it is plays no part: it is asked what time it shows. Raises OSError
    where nothing answers in time, or what does is no time.
    """
    try:
        found = (
            _by_ntp(target, timeout_seconds)
            if target.kind == "ntp"
            else _by_icmp(target, clock, timeout_seconds)
        )
    except ValueError as error:
        raise OSError(str(error)) from None
    if found.received < found.sent:
        raise OSError("our own clock was set while it answered")
    return msgspec.structs.replace(found, clock_bound=clock_bound)


def _by_ntp(target: ProbeTarget, timeout_seconds: float) -> ClockProbe:
    answer = client.query(target.host, target.port, timeout_seconds=timeout_seconds)
    return ClockProbe(
        exporter=answer.server,
        kind="ntp",
        sent=answer.sent,
        received=answer.received,
        came=answer.server_received,
        went=answer.server_sent,
        fineness=max(_MICROSECOND, round(NANOSECONDS * 2.0**answer.precision)),
    )


def _by_icmp(target: ProbeTarget, clock: Callable[[], int], timeout_seconds: float) -> ClockProbe:
    address, stamps = icmp_timestamp.ask(target.host, clock, timeout_seconds=timeout_seconds)
    return ClockProbe(exporter=address, kind="icmp", fineness=icmp_timestamp.MILLISECOND, **stamps._asdict())


class Probing:
    """Asks each exporter from time to time until stopped, and keeps the answers in the lake."""

    def __init__(
        self,
        lake: Lake,
        targets: Sequence[ProbeTarget],
        every_seconds: float,
        clock: Callable[[], int],
        clock_bound: Callable[[], int | None],
    ) -> None:
        self._writer = ProbeWriter(lake)
        self._intervals = dict.fromkeys(targets, max(every_seconds, LEAST_SECONDS))
        self._clock = clock
        self._clock_bound = clock_bound
        self._stopping = Event()
        self._threads = [
            Thread(target=self._follow, args=(target,), name=f"probe {target}", daemon=True)
            for target in targets
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask no more. Who still waits for an answer is not waited for."""
        self._stopping.set()

    def _follow(self, target: ProbeTarget) -> None:
        has_failed = False
        while True:
            try:
                self._writer.append(probe(target, self._clock, self._clock_bound()))
                has_failed = False
            except KissOfDeathError as kiss:
                _log.warning("an exporter does not want to be asked so often", target=target, reason=kiss)
                if kiss.code != "RATE":
                    return
                self._intervals[target] *= 2
            except OSError as error:
                if not has_failed:
                    _log.warning("an exporter does not tell its time", target=target, reason=error)
                has_failed = True
            pause = self._intervals[target] * random.uniform(1, 1 + JITTER)  # noqa: S311 -- no secret
            if self._stopping.wait(pause):
                return


@contextmanager
def probed(probing: Probing) -> Iterator[None]:
    """Ask until the block ends."""
    probing.start()
    try:
        yield
    finally:
        probing.stop()
