"""This machine's own clock: how far it may be off, and who says so. We never set it."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.ntp.chrony import chrony_bound
from tidegauge.ntp.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.flow.clock_judgement import ClockJudgement

KERNEL, CHRONY, SOURCES, NOBODY = "kernel", "chrony", "sources", "none"

_LOWEST_STRATUM = 15

# The kernel's bound stops growing here and means "nobody knows" (NTP_PHASE_LIMIT).
_UNKNOWN_MICROSECONDS = 16_000_000


class _Timex(ctypes.Structure):
    """``struct timex`` of ``adjtimex(2)``."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("microseconds", ctypes.c_long),
        ("tick", ctypes.c_long),
        ("unused", ctypes.c_long * 32),
    )


@dataclass(frozen=True, slots=True)
class OwnClock:
    """How far our clock may be from true time, in nanoseconds; None when nobody knows.

    ``judge`` says so. ``error``, where the judge knows both sides, holds true time minus our clock.
    ``stratum`` is how many hops that time has come, and ``leap`` what is said of the day's last minute
    (``insert`` or ``delete``), where the judge knows.
    """

    bound: int | None
    judge: str = KERNEL
    error: Interval | None = None
    stratum: int | None = None
    leap: str = ""

    @classmethod
    def from_kernel_error(cls, maximum_error_us: int) -> OwnClock:
        """Judge the kernel's ``maxerror``.

        The STA_UNSYNC flag is not asked: chrony clears it only when told to keep the hardware clock.
        """
        is_known = maximum_error_us < _UNKNOWN_MICROSECONDS
        return cls(maximum_error_us * 1000 if is_known else None)

    @classmethod
    def from_error(cls, error: Interval, judge: str) -> OwnClock:
        """Judge an interval that holds true time minus our clock."""
        return cls(error.bound, judge, error)

    @classmethod
    def from_judgement(cls, judgement: ClockJudgement) -> OwnClock:
        """What was judged, for those who pass the time on: one hop farther than the nearest server."""
        error = judgement.error
        strata = [source.stratum for source in judgement.sources if source.state == "good" and source.stratum]
        is_by_sources = judgement.judge == SOURCES and strata
        return cls(
            bound=judgement.bound,
            judge=judgement.judge,
            error=Interval(*error) if error else None,
            stratum=min(min(strata) + 1, _LOWEST_STRATUM) if is_by_sources else None,
            leap=judgement.leap,
        )

    @property
    def is_synchronised(self) -> bool:
        """Whether anybody keeps the clock right, or at least knows how wrong it is."""
        return self.bound is not None

    @property
    def source(self) -> str:
        """Who says so: ``sources``, ``chrony``, ``kernel``, or ``none``."""
        return self.judge if self.is_synchronised else NOBODY

    @property
    def interval(self) -> Interval | None:
        """Between which values true time minus our clock lies."""
        return self.error or (None if self.bound is None else Interval.around(0, self.bound))


def best_judged(sources: OwnClock, others: Iterable[OwnClock]) -> OwnClock:
    """The smallest bound among those that may be true.

    Whoever contradicts our own ``sources`` is not believed: what we measure ourselves, by a majority of
    servers, weighs more than what somebody else told the kernel.
    """
    measured = sources.interval
    valid = [sources] if measured else []
    for clock in others:
        told = clock.interval
        if told and (measured is None or told.overlaps(measured)):
            valid.append(clock)
    return min(valid, key=lambda clock: clock.bound or 0, default=OwnClock(None, NOBODY))


def read_own_clock() -> OwnClock:
    """Ask those on this machine who may know, now: a chronyd, and the kernel."""
    return best_judged(OwnClock(None, NOBODY), local_judges())


def local_judges() -> list[OwnClock]:
    """What a chronyd on this machine says, if there is one, and the kernel, if a sandbox lets us ask."""
    found = []
    with suppress(OSError):
        found.append(OwnClock(chrony_bound(), CHRONY))
    with suppress(OSError):
        found.append(kernel_clock())
    return found


def kernel_clock() -> OwnClock:
    """Ask the kernel, now. Raises OSError where a sandbox forbids even reading.

    Whoever disciplines the clock (chrony, ntpd, systemd-timesyncd) tells the kernel how far it may be off;
    the kernel lets that bound grow by 500 ppm until the next word. Reading it needs no right and no
    knowledge of who it was.
    """
    timex = _Timex(modes=0)  # no mode: read only
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(ctypes.byref(timex)) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"adjtimex: {os.strerror(number)}")
    return OwnClock.from_kernel_error(timex.maxerror)
