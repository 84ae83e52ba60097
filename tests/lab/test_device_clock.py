from __future__ import annotations

import time

from tidegauge.lab.device_clock import DeviceClock, DisciplinedClock
from tidegauge.ntp.server import VouchedServer
from tidegauge.ntp.servo import Steering

SECOND = 10**9
START = 1_795_000_000 * SECOND


def test_a_clock_reads_what_its_crystal_and_its_keeper_make_of_it() -> None:
    clock = DeviceClock(START, offset=300 * SECOND, skew_ppm=20)
    assert clock.read(START) == START + 300 * SECOND
    assert clock.read(START + 10 * SECOND) == START + 310 * SECOND + 200_000
    clock.steer(START + 10 * SECOND, Steering(-300 * SECOND, -20))
    assert clock.read(START + 20 * SECOND) == START + 20 * SECOND + 200_000
    clock.drift(START + 20 * SECOND, 0)
    assert clock.read(START + 30 * SECOND) == START + 30 * SECOND
    assert clock.oscillator(START + 30 * SECOND) == START + 330 * SECOND + 400_000


def test_a_slew_ends_when_it_should() -> None:
    clock = DeviceClock(START)
    clock.steer(START, Steering(slew_ppm=100, slew_seconds=4))
    assert [clock.lead(START + seconds * SECOND) for seconds in (2, 4, 9)] == [200_000, 400_000, 400_000]
    clock.drift(START + 6 * SECOND, 5)
    assert clock.lead(START + 9 * SECOND) == 400_000


def test_a_device_that_follows_our_server_goes_from_wrong_to_right_and_stays() -> None:
    clock = DeviceClock(time.time_ns(), offset=300 * SECOND, skew_ppm=80)
    device = DisciplinedClock(clock)
    with VouchedServer("127.0.0.1", 0, local_stratum=5) as server:
        first = device.ask("127.0.0.1", server.port, 0.05)
        errors = []
        for _ in range(20):
            time.sleep(0.05)
            now = time.time_ns()
            errors.append(abs(clock.read(now) - now))
            device.ask("127.0.0.1", server.port, 0.05)
    assert abs(first.offset + 300 * SECOND) < SECOND // 10
    assert max(errors) < 20_000_000
    assert sorted(errors)[len(errors) // 2] < 1_000_000


def test_a_device_does_not_follow_a_server_that_does_not_know_the_time() -> None:
    clock = DeviceClock(time.time_ns(), offset=300 * SECOND)
    with VouchedServer("127.0.0.1", 0) as server:
        # This machine's clock may well be kept; the server is then right to say so.
        seen = DisciplinedClock(clock).ask("127.0.0.1", server.port, 1)
    now = time.time_ns()
    assert (abs(clock.read(now) - now) < SECOND) is seen.is_synchronised
