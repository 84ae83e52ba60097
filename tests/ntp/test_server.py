from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

import pytest

from tidegauge.ntp import server as server_module
from tidegauge.ntp.client import KissOfDeathError, query
from tidegauge.ntp.leap_seconds import LeapPlan, LeapSecond
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.server import Manners, VouchedServer


@pytest.fixture
def unsynchronised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "read_own_clock", lambda: OwnClock(None))


@pytest.mark.usefixtures("unsynchronised")
def test_nobody_is_told_a_time_that_nobody_vouches_for() -> None:
    with VouchedServer("127.0.0.1", 0) as server:
        measurement = query("127.0.0.1", server.port)
    assert (measurement.leap, measurement.bound) == (Leap.UNSYNCHRONISED, None)


@pytest.mark.usefixtures("unsynchronised")
@pytest.mark.parametrize(("listen", "ask"), [("127.0.0.1", "127.0.0.1"), ("::", "::1"), ("::", "127.0.0.1")])
def test_our_client_agrees_with_our_server(listen: str, ask: str) -> None:
    with VouchedServer(listen, 0, local_stratum=5) as server:
        measurements = [query(ask, server.port) for _ in range(20)]
    best = min(measurements, key=lambda measurement: measurement.delay)
    assert (best.stratum, best.reference_id) == (5, "127.127.1.1")
    assert best.bound is not None
    assert abs(best.offset) <= best.bound < 5_000_000


@pytest.mark.usefixtures("unsynchronised")
def test_a_judge_of_ones_own_is_asked_in_place_of_this_machine() -> None:
    with VouchedServer("127.0.0.1", 0, judge=lambda: OwnClock(4_000_000, stratum=2)) as server:
        measurement = query("127.0.0.1", server.port)
    assert measurement.stratum == 2
    assert 4_000_000 <= measurement.root_dispersion < 4_100_000


@pytest.mark.parametrize(("is_smeared", "leap"), [(False, Leap.DELETE), (True, Leap.NONE)])
def test_a_leap_second_that_servers_announce_is_announced(
    monkeypatch: pytest.MonkeyPatch, is_smeared: bool, leap: Leap
) -> None:
    soon = LeapSecond(time.time_ns() + 3600 * 10**9, is_inserted=False)
    monkeypatch.setattr(
        server_module, "announced_leap", lambda word, _now: soon if word == "delete" else None
    )
    clock, plan = OwnClock(1000, leap="delete"), LeapPlan(is_smeared=is_smeared)
    with VouchedServer("127.0.0.1", 0, leaps=plan, judge=lambda: clock) as server:
        assert query("127.0.0.1", server.port).leap == leap


@pytest.mark.usefixtures("unsynchronised")
def test_counters_add_up() -> None:
    with VouchedServer("127.0.0.1", 0) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.sendto(b"\x16" + bytes(47), ("127.0.0.1", server.port))
            link.sendto(b"hello", ("127.0.0.1", server.port))
        query("127.0.0.1", server.port)
        server.close()
        counters = server.counters()
    expected = {"received": 3, "answered": 1, "ignored_mode": 1, "ignored_short": 1}
    assert {name: total for name, total in counters.items() if total} == expected


def test_a_taken_port_is_an_error() -> None:
    with VouchedServer("127.0.0.1", 0) as server, pytest.raises(OSError, match="in use"):
        VouchedServer("127.0.0.1", server.port)


def test_the_word_is_renewed_until_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "RENEWAL_SECONDS", 0.01)
    clock = OwnClock(None)
    monkeypatch.setattr(server_module, "read_own_clock", lambda: clock)
    stop = threading.Event()
    with VouchedServer("127.0.0.1", 0) as server:
        renewing = threading.Thread(target=server.run, args=(stop,))
        renewing.start()
        clock = OwnClock(2_000_000)
        deadline = time.monotonic() + 5
        while not (measurement := query("127.0.0.1", server.port)).is_synchronised:
            assert time.monotonic() < deadline
        stop.set()
        renewing.join(timeout=5)
        assert not renewing.is_alive()
    assert 2_000_000 <= measurement.root_dispersion < 2_100_000


def test_who_asks_is_told_by_the_last_first() -> None:
    with VouchedServer("127.0.0.1", 0) as server:
        for _ in range(3):
            query("127.0.0.1", server.port)
        [asker] = server.clients()
    assert (asker.address, asker.requests, asker.answered, asker.version) == ("127.0.0.1", 3, 3, 4)
    assert asker.interval_seconds is not None
    assert asker.offset_seconds is None


@pytest.mark.parametrize(
    ("allow", "deny", "admitted"),
    [
        ((), (), True),
        (("10.0.0.0/8",), (), False),
        ((), ("192.0.2.0/24",), False),
        (("192.0.2.0/25",), ("192.0.2.0/24",), True),
        (("192.0.2.1",), ("192.0.2.1",), False),
        (("2001:db8::/32",), (), False),
    ],
)
def test_key_establishment_admits_whom_the_server_admits(
    allow: tuple[str, ...], deny: tuple[str, ...], admitted: bool
) -> None:
    assert Manners(allow=allow, deny=deny).admits("192.0.2.1") is admitted


def ask_until_refused(port: int) -> None:
    for _ in range(200):
        with suppress(TimeoutError):
            query("127.0.0.1", port, timeout_seconds=0.02)


def test_who_asks_too_often_is_told_so() -> None:
    manners = Manners(requests_per_second=0.001, burst=1, kiss=True)
    with VouchedServer("127.0.0.1", 0, manners=manners) as server:
        with pytest.raises(KissOfDeathError, match="less often"):
            ask_until_refused(server.port)
        counters = server.counters()
    assert counters["answered_kiss"] == 1


def test_the_next_leap_second_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "read_own_clock", lambda: OwnClock(2_000_000))
    leaps = LeapPlan(leaps=(LeapSecond(time.time_ns() + 3600 * 10**9, is_inserted=False),))
    with VouchedServer("127.0.0.1", 0, leaps=leaps) as server:
        assert query("127.0.0.1", server.port).leap is Leap.DELETE
