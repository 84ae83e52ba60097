from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.ntp.test_client import reply_to
from tidegauge.clock.ntp_stamp import NtpStamp
from tidegauge.flow.exchange import Exchange
from tidegauge.ntp import polling as polling_module
from tidegauge.ntp.clock_reading import read_clocks
from tidegauge.ntp.packet import Packet
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server_address import ServerAddress

SECOND = 10**9


@contextmanager
def time_server(answer: Callable[[Packet], Packet]) -> Iterator[tuple[ServerAddress, list[Packet]]]:
    """A server on loopback that reads our clock and answers every question as told."""
    questions: list[Packet] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                payload, client = link.recvfrom(100)
                if not payload:
                    return
                questions.append(Packet.from_bytes(payload))
                link.sendto(answer(questions[-1]).to_bytes(), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield ServerAddress(*link.getsockname()), questions
        finally:
            link.sendto(b"", link.getsockname())
            thread.join()


def honest(question: Packet, ahead: int = 0) -> Packet:
    stamp = NtpStamp.from_instant(time.time_ns() + ahead)
    return replace(reply_to(question), receive=stamp, transmit=stamp)


def lying(question: Packet) -> Packet:
    return honest(question, ahead=5 * SECOND)


def kissing(code: bytes) -> Callable[[Packet], Packet]:
    return lambda question: replace(reply_to(question), stratum=0, reference_id=code)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever keeps this machine's clock has no say in these tests."""
    monkeypatch.setattr(polling_module, "local_judges", list)


def test_four_servers_are_asked_at_once_and_the_liar_is_found() -> None:
    heard: list[Exchange] = []
    with (
        time_server(honest) as (first, _),
        time_server(honest) as (second, _),
        time_server(honest) as (third, _),
        time_server(lying) as (liar, _),
    ):
        polling = SourcePolling([first, second, third, liar], heard=heard.append)
        polling.ask_all(2)
        judgement = polling.judge()
    assert [source.state for source in judgement.sources] == ["good", "good", "good", "falseticker"]
    assert [source.reach for source in judgement.sources] == [3] * 4
    assert judgement.bound is not None
    assert judgement.bound < SECOND // 20
    assert len(heard) == 8
    assert {exchange.server_port for exchange in heard} == {
        each.port for each in (first, second, third, liar)
    }


def test_followed_servers_are_asked_until_the_end() -> None:
    with time_server(honest) as (address, questions):
        polling = SourcePolling([address])
        polling.start()
        deadline = time.monotonic() + 5
        while not polling.judge().good_sources:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        polling.stop()
    assert len(questions) == 1


@pytest.mark.parametrize(
    ("code", "state"), [(b"DENY", "refused"), (b"RSTR", "refused"), (b"RATE", "unreachable")]
)
def test_who_does_not_want_it_is_not_asked_again(code: bytes, state: str) -> None:
    with time_server(kissing(code)) as (address, questions):
        polling = SourcePolling([address])
        polling.ask_all(3)
        [source] = polling.judge().sources
    assert (len(questions), source.state) == (1, state)
    assert code.decode() in source.complaint


def test_a_closed_port_and_a_wrong_name_are_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        closed = ServerAddress(*link.getsockname())
    polling = SourcePolling([closed, ServerAddress("a..b", 123)])
    polling.ask_all(1)
    told = polling.judge().sources
    assert [source.state for source in told] == ["unreachable", "unreachable"]
    assert told[0].complaint == "Connection refused"
    assert told[1].complaint


def test_without_servers_there_is_still_a_judgement() -> None:
    judgement = SourcePolling([]).judge()
    assert (judgement.judge, judgement.sources) == ("none", ())


def test_a_judgement_of_the_future_allows_for_what_the_crystal_may_do_until_then() -> None:
    with time_server(honest) as (address, _):
        polling = SourcePolling([address])
        polling.ask_all(1)
        now, later = polling.judge(), polling.judge(ahead_seconds=16)
    assert now.bound is not None
    assert later.bound is not None
    # One answer does not tell the frequency: 101 ppm to either side.
    assert later.bound - now.bound == pytest.approx(16 * 101_000, rel=0.1)
    assert later.at - now.at == pytest.approx(16 * SECOND, rel=0.01)


def test_a_step_is_told_once_and_not_to_who_looks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    polling = SourcePolling([])
    reading = read_clocks()
    monkeypatch.setattr(polling_module, "read_clocks", lambda: reading._replace(wall=reading.wall + SECOND))
    assert polling.judge(ahead_seconds=16).step == 0
    assert polling.judge().step == pytest.approx(SECOND, abs=10**7)
    assert polling.judge().step == 0
