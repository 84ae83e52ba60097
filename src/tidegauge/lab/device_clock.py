"""The clock of a simulated device: wrong at first, on a cheap crystal, and able to follow a time server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.ntp.client import query
from tidegauge.ntp.servo import Servo

if TYPE_CHECKING:
    from tidegauge.ntp.measurement import Measurement
    from tidegauge.ntp.servo import Steering


class DeviceClock:
    """Reads ``offset`` nanoseconds more than true time at ``start``, and gains ``skew_ppm`` from then on.

    All instants given are true time, and must not go back.
    """

    def __init__(self, start: int, offset: int = 0, skew_ppm: float = 0.0) -> None:
        self._at = start
        self._skew = skew_ppm / 1e6
        self._frequency = 0.0
        self._slew = 0.0
        self._slew_end = start
        self._oscillator = float(offset)  # minus true time: one double holds it to the nanosecond
        self._lead = 0.0  # of the clock over the oscillator

    def read(self, instant: int) -> int:
        """What the clock shows at a moment."""
        return self.oscillator(instant) + self.lead(instant)

    def oscillator(self, instant: int) -> int:
        """What it would show had nobody ever touched it."""
        return instant + round(self._oscillator + (instant - self._at) * self._skew)

    def lead(self, instant: int) -> int:
        """What it shows more than that."""
        slewed = min(instant, self._slew_end) - min(self._at, self._slew_end)
        return round(self._lead + (instant - self._at) * self._frequency + slewed * self._slew)

    def drift(self, instant: int, skew_ppm: float) -> None:
        """Let the crystal run at another frequency from now on."""
        self._settle(instant)
        self._skew = skew_ppm / 1e6

    def steer(self, instant: int, steering: Steering) -> None:
        """Set the clock and how it runs."""
        self._settle(instant)
        self._lead += steering.step
        self._frequency = steering.frequency_ppm / 1e6
        self._slew = steering.slew_ppm / 1e6
        self._slew_end = instant + round(steering.slew_seconds * NANOSECONDS)

    def _settle(self, instant: int) -> None:
        self._lead = float(self.lead(instant))
        self._oscillator += (instant - self._at) * self._skew
        self._at = instant


class DisciplinedClock:
    """A device clock that is kept by a servo."""

    def __init__(self, clock: DeviceClock) -> None:
        self.clock = clock
        self._servo = Servo()

    def ask(self, host: str, port: int, next_seconds: float) -> Measurement:
        """Ask a server, as the device sees it, and steer; returns what the device measured.

        The exchange is real, stamped by this machine; the device reads its own clock at the same moments.
        """
        real = query(host, port)
        seen = replace(real, sent=self.clock.read(real.sent), received=self.clock.read(real.received))
        if seen.is_synchronised:
            self.apply(real.received, seen.offset, seen.delay, next_seconds)
        return seen

    def apply(self, instant: int, offset: int, delay: int, next_seconds: float) -> None:
        """Steer by a measurement that ended at a moment."""
        oscillator, lead = self.clock.oscillator(instant), self.clock.lead(instant)
        self.clock.steer(instant, self._servo.measured(oscillator, offset, delay, lead, next_seconds))
