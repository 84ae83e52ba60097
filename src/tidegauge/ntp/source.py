"""One server among those that we ask for the time: when, how it answered, and what that says."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.interval import Interval
from tidegauge.ntp.poll_schedule import PollSchedule
from tidegauge.ntp.sample_filter import Sample, SampleFilter

if TYPE_CHECKING:
    from tidegauge.ntp.clock_reading import ClockReading
    from tidegauge.ntp.measurement import Measurement
    from tidegauge.ntp.selection import Selection

LARGEST_BOUND = NANOSECONDS * 3 // 2
"""A source that may be farther off than this tells nothing worth knowing (RFC 5905, MAXDIST)."""

_SLOW_DOWN = "RATE"


class SourceState(StrEnum):
    """What a source is good for."""

    WAITING = "waiting"
    GOOD = "good"
    FALSETICKER = "falseticker"
    UNDECIDED = "undecided"
    REPEATED = "repeated"
    VAGUE = "vague"
    UNSYNCHRONISED = "unsynchronised"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


class Source:
    """What is remembered of one server. Nothing here reads a clock or a socket; callers bring both."""

    def __init__(self, name: str, now: int) -> None:
        self.name = name
        self.schedule = PollSchedule(now)
        self.latest: Measurement | None = None
        self.complaint = ""
        self._filter = SampleFilter()

    @property
    def restarts(self) -> int:
        """How often the server contradicted itself."""
        return self._filter.restarts

    def answered(self, measurement: Measurement, reading: ClockReading) -> None:
        """Take an answer; ``reading`` is of our clocks just after it came, before anybody set them."""
        self.latest = measurement
        self.complaint = ""
        if measurement.bound is None:
            self.complaint = "it says itself that it does not know the time"
            self.schedule.answered(reading.raw, is_steady=True)
            return
        interval = Interval.around(measurement.offset, measurement.bound)
        at = measurement.received - reading.lead
        self._filter.add(Sample(at, interval.shifted(reading.lead)))
        self.schedule.answered(reading.raw, is_steady=self._is_steady(reading.raw))

    def missed(self, complaint: str, now: int) -> None:
        """Note that no answer came, and why."""
        self.complaint = complaint
        self.schedule.missed(now)

    def kissed(self, code: str, complaint: str, now: int) -> None:
        """Obey a server that wants to be asked less often (RATE), or not at all (DENY, RSTR)."""
        self.complaint = complaint
        if code == _SLOW_DOWN:
            self.schedule.slowed_down(now)
        else:
            self.schedule.refused()

    def forget_samples(self) -> None:
        """The raw clock did not run evenly since the last answer: earlier ones no longer say anything."""
        self._filter.clear()

    def interval(self, reading: ClockReading) -> Interval | None:
        """Between which values true time minus our wall clock lies, if this server is right.

        None where it has nothing to say, or too little.
        """
        if self._is_out() is not None:
            return None
        interval = self._filter.interval_at(reading.raw)
        if interval is None or interval.high - interval.low > 2 * LARGEST_BOUND:
            return None
        return interval.shifted(-reading.lead)

    def state(self, selection: Selection, interval: Interval | None) -> SourceState:
        """What it is good for, beside the others; ``interval`` is what it has to say."""
        out = self._is_out()
        if out is not None:
            return out
        if interval is None:
            return SourceState.VAGUE
        if selection.interval is None:
            return SourceState.UNDECIDED
        return SourceState.FALSETICKER if self in selection.falsetickers else SourceState.GOOD

    def _is_out(self) -> SourceState | None:
        if self.schedule.is_refused:
            return SourceState.REFUSED
        if self.schedule.is_unreachable:
            return SourceState.UNREACHABLE
        if self.latest is None:
            return SourceState.WAITING
        return None if self.latest.is_synchronised else SourceState.UNSYNCHRONISED

    def _is_steady(self, now: int) -> bool:
        """Whether the interval will have grown by a quarter at most by the next question."""
        interval = self._filter.interval_at(now)
        assert interval is not None  # a sample was just added
        growth: float = self._filter.growth_per_second() * (1 << self.schedule.poll)
        return growth < (interval.high - interval.low) / 4
