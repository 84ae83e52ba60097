"""Time servers behind simulated paths, and the clocks of the machine that asks them; the truth is known."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.ntp.test_measurement import EXACT
from tidegauge.flow.clock_judgement import ClockJudgement
from tidegauge.ntp.clock_reading import ClockReading
from tidegauge.ntp.ensemble import judge
from tidegauge.ntp.source import Source

SECOND, MILLISECOND = 10**9, 10**6
START = 1_795_000_000 * SECOND


@dataclass(frozen=True, kw_only=True)
class Path:
    """From us to a server and back, in milliseconds; the server's clock is off by ``lie`` and drifts."""

    delay: float = 5.0
    jitter: float = 2.0
    asymmetry: float = 0.0
    loss: float = 0.0
    lie: float = 0.0
    lie_ppm: float = 0.0
    root: float = 0.0
    """How far the server may be off, as it says itself; honest ones are off by so much at most."""


class Machine:
    """Our raw clock, a crystal that runs ``skew_ppm`` fast and wanders, and a wall clock that can be set."""

    def __init__(self, seed: int, skew_ppm: float, wander_ppm: float) -> None:
        self.dice = random.Random(seed)
        self._skew, self._wander = skew_ppm, wander_ppm
        self._raw = 1000.0 * SECOND
        self.lead = START - 1000 * SECOND + 123 * MILLISECOND
        self.now = START

    def tick(self) -> None:
        """Let a second of true time pass; the crystal's frequency walks at random."""
        self._raw += SECOND * (1 + self._skew / 1e6)
        self._skew += self.dice.gauss(0, self._wander)
        self.now += SECOND

    def reading(self) -> ClockReading:
        return ClockReading(raw=round(self._raw), wall=round(self._raw) + self.lead)

    @property
    def error(self) -> int:
        """The truth: true time minus our wall clock."""
        return self.now - self.reading().wall


def judged_every(
    seconds: int, machine: Machine, paths: list[Path], steps: dict[int, int], every: int = 20
) -> Iterator[tuple[int, int, ClockJudgement]]:
    """Ask as the schedules say, nobody but servers; gives the second, the truth and the judgement."""
    sources = [Source(f"s{number}", machine.reading().raw) for number in range(len(paths))]
    for second in range(seconds):
        machine.lead += steps.get(second, 0)
        for source, path in zip(sources, paths, strict=True):
            due = source.schedule.due
            if due is not None and due <= machine.reading().raw:
                ask(machine, source, path)
        if second % every == every - 1:
            yield second, machine.error, judge(sources, [], machine.reading())
        machine.tick()


def ask(machine: Machine, source: Source, path: Path) -> None:
    reading, dice = machine.reading(), machine.dice
    if dice.random() < path.loss:
        source.missed("lost", reading.raw)
        return
    there = path.delay + path.asymmetry + dice.expovariate(1 / path.jitter)
    back = path.delay + dice.expovariate(1 / path.jitter)
    drifted = (machine.now - START) * path.lie_ppm / 1e6
    told = machine.now - round(back * MILLISECOND) + round(path.lie * MILLISECOND + drifted)
    told += round(dice.uniform(-1, 1) * path.root * MILLISECOND)
    measurement = replace(
        EXACT,
        server=source.name,
        sent=reading.wall - round((there + back) * MILLISECOND),
        server_received=told,
        server_sent=told,
        received=reading.wall,
        root_dispersion=round(path.root * MILLISECOND),
    )
    source.answered(measurement, reading)
