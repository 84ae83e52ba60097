from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.names.test_frame_stream import ACCEPT, FINISH, READY, START, STOP, TYPE
from tidegauge.app.dnstap_listener import DnstapListener
from tidegauge.flow.binding import Binding
from tidegauge.names.frame_stream import control_frame


class Heard:
    def __init__(self, path: Path) -> None:
        self.told: list[Binding] = []
        self.listener = DnstapListener(path, lambda: 0, self._hear)
        self.listener.start()

    def _hear(self, bindings: Iterable[Binding]) -> None:
        self.told.extend(bindings)


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Callable[[], Heard]]:
    listening: list[Heard] = []

    def begin() -> Heard:
        listening.append(Heard(tmp_path / "tap"))
        return listening[-1]

    yield begin
    for heard in listening:
        heard.listener.stop()


@pytest.fixture
def frames(root: Path) -> bytes:
    """The data frames of a file that Unbound wrote."""
    content = (root / "tests/data/names/dnstap.fstrm").read_bytes()
    start = 8 + int.from_bytes(content[4:8], "big")
    return content[start:].removesuffix(control_frame(STOP))


def connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(str(path))
    return connection


def received(connection: socket.socket, expected: bytes) -> bool:
    return connection.recv(len(expected), socket.MSG_WAITALL) == expected


def test_writers_are_greeted_heard_and_let_go(
    listen: Callable[[], Heard], tmp_path: Path, frames: bytes
) -> None:
    heard = listen()
    for _ in range(2):
        with connected(tmp_path / "tap") as writer:
            writer.sendall(control_frame(READY, TYPE))
            assert received(writer, control_frame(ACCEPT, TYPE))
            writer.sendall(control_frame(START, TYPE) + frames + control_frame(STOP))
            assert received(writer, control_frame(FINISH))
    heard.listener.stop()
    names = [binding.name for binding in heard.told]
    assert len(names) > 0
    assert names[: len(names) // 2] * 2 == names


def test_what_was_whole_before_it_stops_is_told(
    listen: Callable[[], Heard], tmp_path: Path, frames: bytes
) -> None:
    heard = listen()
    with connected(tmp_path / "tap") as writer:
        writer.sendall(control_frame(START, TYPE) + frames + frames[:10])
        deadline = time.monotonic() + 10
        while not heard.told and time.monotonic() < deadline:
            time.sleep(0.001)
        heard.listener.stop()
    assert heard.told


def test_a_socket_left_behind_is_taken_over_and_a_living_one_is_not(
    listen: Callable[[], Heard], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(tmp_path / "tap"))
    listen()
    with pytest.raises(OSError, match=r"Address already in use.*tap"):
        listen()
