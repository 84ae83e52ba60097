from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.names.told import packed
from tidegauge.app.asking import Target, ask

TIMEOUT = 5.0


@contextmanager
def server(answer: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    """Answer the first datagram with each of these."""

    def serve() -> None:
        question, client = link.recvfrom(2048)
        for content in answer(question):
            link.sendto(content, client)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=serve)
        thread.start()
        yield link.getsockname()[1]
        thread.join()


def ntp_answer(question: bytes) -> bytes:
    return b"\x24\x01" + bytes(22) + question[40:48] + bytes(15) + b"\x01"


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("ntp", ntp_answer), ("dns", lambda question: question[:2] + bytes(10))],
)
def test_an_answer_ends_the_exchange(kind: str, answer: Callable[[bytes], bytes]) -> None:
    before = time.time_ns()
    with server(lambda question: [b"", bytes(48), answer(question)]) as port:
        found = ask(Target(kind, "127.0.0.1", port), time.time_ns, 7, TIMEOUT)
    assert before <= found.sent <= found.received <= time.time_ns()
    assert (found.server_address, found.server_port, found.protocol) == (packed("127.0.0.1"), port, 17)
    assert (found.client_address, found.clock_bound) == (packed("127.0.0.1"), 7)
    assert found.request_bytes == {"ntp": 76, "dns": 45}[kind]
    assert found.reply_bytes == {"ntp": 76, "dns": 40}[kind]


def test_each_question_leaves_from_a_port_of_its_own() -> None:
    ports = set()
    for _ in range(8):
        with server(lambda question: [ntp_answer(question)]) as port:
            ports.add(ask(Target("ntp", "127.0.0.1", port), time.time_ns, None, TIMEOUT).client_port)
    assert len(ports) > 1


def test_a_connection_that_is_taken_is_an_exchange() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = ask(Target("tcp", "127.0.0.1", listener.getsockname()[1]), time.time_ns, None, TIMEOUT)
        link, client = listener.accept()
        link.close()
    assert (found.protocol, found.client_port, found.request_bytes) == (6, client[1], None)
    assert found.sent < found.received


@pytest.mark.parametrize("kind", ["ntp", "tcp"])
def test_nobody_there(kind: str) -> None:
    with pytest.raises(OSError, match=f"no answer from {kind}://127.0.0.1:1"):
        ask(Target(kind, "127.0.0.1", 1), time.time_ns, None, 0.2)


def test_answers_to_something_else_are_not_waited_for_without_end() -> None:
    with (
        server(lambda _: [bytes(48)] * 20) as port,
        pytest.raises(OSError, match="not what was asked"),
    ):
        ask(Target("dns", "127.0.0.1", port), time.time_ns, None, TIMEOUT)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("192.0.2.1", "write ntp://HOST"),
        ("http://192.0.2.1", "write ntp://HOST"),
        ("ntp://192.0.2.1/path", "write ntp://HOST"),
        ("tcp://192.0.2.1", "needs a port, as in tcp://192.0.2.1:443"),
        ("tcp://192.0.2.1:99999", "Port out of range"),
    ],
)
def test_what_is_no_target_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Target.parse(text)


def test_a_target_is_written_as_it_was_read() -> None:
    for text in ("ntp://192.0.2.1:123", "tcp://[2001:db8::1]:443"):
        assert str(Target.parse(text)) == text
