from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tidegauge.receiving.connection import READ_BYTES, Connection


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Connection]]:
    listening = socket.create_server(("127.0.0.1", 0))
    far = socket.create_connection(listening.getsockname())
    near, peer = listening.accept()
    connection = Connection(near, peer, None, now=0)
    yield far, connection
    for link in (listening, far, connection):
        link.close()


def test_reading_never_waits(ends: tuple[socket.socket, Connection]) -> None:
    far, connection = ends
    assert connection.read(1) == b""
    far.sendall(b"abc")
    assert connection.read(2) == b"abc"
    far.close()
    assert connection.read(3) is None


def test_others_have_their_turn(ends: tuple[socket.socket, Connection]) -> None:
    far, connection = ends
    far.settimeout(0)
    sent = 0
    while sent < 2 * READ_BYTES:
        sent += far.send(bytes(READ_BYTES))
        assert len(connection.read(1) or b"") <= READ_BYTES + (1 << 16)
    assert connection.has_more


def test_silence_is_measured_from_the_last_byte(ends: tuple[socket.socket, Connection]) -> None:
    far, connection = ends
    far.sendall(b"abc")
    connection.read(10)
    assert not connection.is_overdue(29, idle_seconds=20)
    assert connection.is_overdue(31, idle_seconds=20)
