from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegauge.clock.ntp_stamp import NtpStamp
from tidegauge.ntp.client import KissOfDeathError, _Expected, query
from tidegauge.ntp.key_establishment import Established
from tidegauge.ntp.nts_association import NtsAssociation
from tidegauge.ntp.packet import Mode, Packet

NOW = 1_795_000_000 * 10**9
Script = Callable[[Packet], list[bytes]]


def reply_to(question: Packet) -> Packet:
    stamp = NtpStamp.from_instant(NOW)
    return Packet(
        mode=Mode.SERVER, stratum=1, precision=-20, reference_id=b"GPS\0",
        origin=question.transmit, receive=stamp, transmit=stamp,
    )  # fmt: skip


@contextmanager
def scripted_server(script: Script, questions: list[Packet] | None = None) -> Iterator[int]:
    """A server on loopback that answers one question with whatever the script says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.settimeout(5)

        def answer() -> None:
            payload, client = link.recvfrom(2048)
            question = Packet.from_bytes(payload)
            if questions is not None:
                questions.append(question)
            for reply in script(question):
                link.sendto(reply, client)

        thread = threading.Thread(target=answer)
        thread.start()
        yield link.getsockname()[1]
        thread.join()


def test_a_good_answer_becomes_a_measurement() -> None:
    with scripted_server(lambda question: [reply_to(question).to_bytes()]) as port:
        measurement = query("127.0.0.1", port)
    assert (measurement.server, measurement.port, measurement.stratum) == ("127.0.0.1", port, 1)
    assert (measurement.reference_id, measurement.server_sent) == ("GPS", NOW)
    assert 0 < measurement.received - measurement.sent < 2 * 10**9


def test_the_question_tells_nothing_about_us() -> None:
    questions: list[Packet] = []
    for _ in range(2):
        with scripted_server(lambda question: [reply_to(question).to_bytes()], questions) as port:
            query("127.0.0.1", port)
    assert questions[0].transmit != questions[1].transmit
    assert [replace(question, transmit=NtpStamp(0)) for question in questions] == [Packet(), Packet()]


def test_forged_and_broken_answers_are_passed_over() -> None:
    def script(question: Packet) -> list[bytes]:
        good = reply_to(question)
        forged = replace(good, origin=NtpStamp(question.transmit.fixed ^ 1), stratum=2)
        return [
            b"",
            good.to_bytes()[:47],
            forged.to_bytes(),
            replace(good, mode=Mode.BROADCAST, stratum=3).to_bytes(),
            replace(good, transmit=NtpStamp(0), stratum=4).to_bytes(),
            good.to_bytes(),
        ]

    with scripted_server(script) as port:
        assert query("127.0.0.1", port).stratum == 1


def test_a_kiss_of_death_is_not_taken_for_time() -> None:
    def script(question: Packet) -> list[bytes]:
        return [replace(reply_to(question), stratum=0, reference_id=b"RATE").to_bytes()]

    with scripted_server(script) as port, pytest.raises(KissOfDeathError, match="asked less often"):
        query("127.0.0.1", port)


def test_a_forged_kiss_of_death_is_passed_over() -> None:
    def script(question: Packet) -> list[bytes]:
        kiss = replace(reply_to(question), stratum=0, reference_id=b"DENY", origin=NtpStamp(7))
        return [kiss.to_bytes(), reply_to(question).to_bytes()]

    with scripted_server(script) as port:
        assert query("127.0.0.1", port).stratum == 1


def test_silence_ends_in_a_sentence() -> None:
    with scripted_server(lambda _: []) as port, pytest.raises(TimeoutError, match=rf"127.0.0.1 port {port}"):
        query("127.0.0.1", port, timeout_seconds=0.05)


def test_a_closed_port_is_known_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        port = link.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        query("127.0.0.1", port, timeout_seconds=5)


def test_times_of_era_one_are_read_as_such() -> None:
    def script(question: Packet) -> list[bytes]:
        return [replace(reply_to(question), receive=NtpStamp(1 << 32), transmit=NtpStamp(2 << 32)).to_bytes()]

    with scripted_server(script) as port:
        measurement = query("127.0.0.1", port)
    assert measurement.server_received == 2_085_978_497 * 10**9


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_from_anybody_do_more_than_be_passed_over(noise: bytes, is_long: bool) -> None:
    question = Packet(transmit=NtpStamp(77))
    established = Established(bytes(32), bytes(32), (bytes(100),), "192.0.2.1", 123)
    for association in (None, NtsAssociation(established)):
        expected = _Expected(question, association, bytes(32))
        reply = reply_to(question).to_bytes() + noise if is_long else noise
        assert expected.is_answered_by(reply) is (is_long and association is None)
        assert not expected.is_refused_by(reply)
