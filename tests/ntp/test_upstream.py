from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ntp.test_client import reply_to, scripted_server
from tests.nts_server import NOW, NtsServer, nts_server
from tidegauge.ntp.key_establishment import NtsError
from tidegauge.ntp.server_address import ServerAddress
from tidegauge.ntp.upstream import Upstream


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NtsServer]:
    with nts_server(tmp_path) as running:
        yield running


def upstream(server: NtsServer) -> Upstream:
    return Upstream(ServerAddress("localhost", server.key_port, is_nts=True), server.certificate)


def test_without_nts_one_address_behind_a_name_is_asked() -> None:
    with scripted_server(lambda question: [reply_to(question).to_bytes()]) as port:
        answered = Upstream(ServerAddress("localhost", port)).ask()
    measurement, exchange = answered
    loopback = bytes.fromhex("00000000000000000000ffff7f000001")
    assert (exchange.client_address, exchange.server_address) == (loopback, loopback)
    assert (exchange.server_port, exchange.protocol) == (port, 17)
    assert (exchange.sent, exchange.received) == (measurement.sent, measurement.received)
    assert (exchange.request_bytes, exchange.reply_bytes) == (76, 76)


def test_keys_are_established_once_and_cookies_stay_eight(server: NtsServer) -> None:
    asking = upstream(server)
    for _ in range(12):
        assert asking.ask().measurement.server_sent == NOW
    assert server.sessions == 1
    assert {len(request) for request in server.requests} == {228}


def test_lost_answers_are_made_up_for(server: NtsServer) -> None:
    asking = upstream(server)
    asking.ask()
    server.is_silent = True
    for _ in range(3):
        with pytest.raises(TimeoutError):
            asking.ask(timeout_seconds=0.02)
    server.is_silent = False
    for _ in range(2):
        asking.ask()
    assert [len(request) for request in server.requests] == [228, 228, 332, 436, 540, 228]
    assert server.sessions == 1


def test_when_every_cookie_is_lost_keys_are_established_anew(server: NtsServer) -> None:
    asking = upstream(server)
    server.is_silent = True
    for _ in range(8):
        with pytest.raises(TimeoutError):
            asking.ask(timeout_seconds=0.02)
    server.is_silent = False
    assert asking.ask().measurement.stratum == 1
    assert server.sessions == 2


def test_a_server_that_lost_its_keys_is_asked_for_new_ones(server: NtsServer) -> None:
    asking = upstream(server)
    asking.ask()
    server.cookies.clear()
    assert asking.ask(timeout_seconds=0.7).measurement.stratum == 1
    assert server.sessions == 2


def test_what_is_not_proven_is_no_time_and_never_asked_for(server: NtsServer) -> None:
    server.seal = lambda reply: reply[:48]
    with pytest.raises(TimeoutError):
        upstream(server).ask(timeout_seconds=0.05)
    assert all(len(request) > 48 for request in server.requests)
    with pytest.raises(NtsError):
        Upstream(ServerAddress("localhost", server.key_port, is_nts=True)).ask()


def test_what_was_forgotten_is_established_anew(server: NtsServer) -> None:
    asking = upstream(server)
    asking.ask()
    asking.forget()
    asking.ask()
    assert server.sessions == 2
