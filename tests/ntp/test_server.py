from __future__ import annotations

import socket
import threading
import time

import pytest

from tidegauge.ntp import server as server_module
from tidegauge.ntp.client import query
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.server import VouchedServer


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
