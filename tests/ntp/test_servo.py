"""The servo on simulated networks whose truth is known. The first is chrony's own, with chrony's limits."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tidegauge.lab.device_clock import DeviceClock, DisciplinedClock
from tidegauge.ntp.servo import Servo, Steering

SECOND = 10**9
START = 1_795_000_000 * SECOND
POLL = 16


@dataclass(kw_only=True)
class Network:
    """A path to a server that is right, and a crystal; seconds and parts per million."""

    offset: float = 0.1
    skew_ppm: float = 100.0
    delay: float = 1e-4
    jitter: float = 1e-4
    asymmetry: float = 0.0
    wander_ppm: float = 0.001
    """The crystal's frequency walks at random: so much in the square root of a second."""
    loss: float = 0.0
    seconds: int = 10_000
    seed: int = 1
    disturbances: dict[int, Callable[[DeviceClock, int], None]] = field(default_factory=dict)

    def run(self) -> dict[int, float]:
        """The clock's error in seconds by the second."""
        dice = random.Random(self.seed)
        skew = self.skew_ppm
        clock = DeviceClock(START, round(self.offset * SECOND), skew)
        device = DisciplinedClock(clock)
        errors, due = {}, 0
        for second in range(self.seconds):
            now = START + second * SECOND
            skew += dice.gauss(0, self.wander_ppm)
            clock.drift(now, skew)
            if second in self.disturbances:
                self.disturbances[second](clock, now)
            if second == due:
                pause = 2 if second < 8 else POLL
                due = second + pause
                if dice.random() >= self.loss:
                    self.ask(device, now, pause, dice)
            errors[second] = (clock.read(now) - now) / SECOND
        return errors

    def ask(self, device: DisciplinedClock, now: int, pause: int, dice: random.Random) -> None:
        there, back = (self.delay + dice.expovariate(1 / self.jitter) for _ in range(2))
        there += self.asymmetry
        sent, received = now - round((there + back) * SECOND), now
        seen_sent, seen_received = device.clock.read(sent), device.clock.read(received)
        truth = now - round(back * SECOND)
        offset = (truth - seen_sent + truth - seen_received) // 2
        device.apply(now, offset, seen_received - seen_sent, pause)


def rms(errors: dict[int, float], since: int) -> float:
    late = [error for second, error in errors.items() if second >= since]
    return math.sqrt(sum(error * error for error in late) / len(late))


def settled(errors: dict[int, float], limit: float) -> int:
    """From which second on the error stays below the limit."""
    return max((second for second, error in errors.items() if abs(error) >= limit), default=-1) + 1


def test_chronys_own_default_network_is_mastered_within_chronys_own_limits() -> None:
    errors = Network().run()
    assert settled(errors, 1e-3) <= 210
    assert rms(errors, 300) < 3e-4


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("network", "limit", "rms_limit"),
    [
        ({"offset": 300.0}, 1e-3, 5e-5),
        ({"offset": -300.0, "skew_ppm": -200.0}, 1e-3, 5e-5),
        ({"jitter": 5e-3}, 15e-3, 2e-3),
        ({"loss": 0.5}, 1e-3, 1e-4),
        ({"wander_ppm": 0.01}, 1e-3, 5e-5),
        ({"delay": 0.02, "jitter": 2e-3}, 6e-3, 1e-3),
    ],
)
def test_networks_are_mastered(network: dict[str, float], limit: float, rms_limit: float, seed: int) -> None:
    errors = Network(**network, seed=seed, seconds=3000).run()  # type: ignore[arg-type]
    assert settled(errors, limit) <= 240
    assert rms(errors, 400) < rms_limit


def test_unequal_ways_cost_half_their_difference_and_no_more() -> None:
    errors = Network(asymmetry=0.01, seconds=3000).run()
    late = [error for second, error in errors.items() if second > 1000]
    assert sum(late) / len(late) == pytest.approx(0.005, abs=2e-4)
    assert max(abs(error - 0.005) for error in late) < 1e-3


def test_a_step_from_outside_is_put_right() -> None:
    def knock(clock: DeviceClock, now: int) -> None:
        clock.steer(now, Steering(step=5 * SECOND))

    errors = Network(seconds=3000, disturbances={1500: knock}).run()
    assert abs(errors[1499]) < 1e-3
    assert errors[1500] > 4.9
    assert settled(errors, 1e-3) <= 1500 + 2 * POLL


def test_a_clock_never_seen_before_is_set_at_once() -> None:
    assert Servo().measured(0, 300 * SECOND, 1000, 0, 16) == Steering(step=300 * SECOND)


def test_what_is_small_is_steered_within_limits() -> None:
    assert Servo().measured(0, 100_000_000, 1000, 0, 16) == Steering(0, 0, 500, 200)
    assert Servo().measured(0, -1_600_000, 1000, 0, 16) == Steering(0, 0, -100, 16)
