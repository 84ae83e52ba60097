from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.certificates import Authority
from tests.flow_sender import wait_until
from tidegauge.metering.collector_link import CollectorLink
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget

MESSAGE = bytes(10_000)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        yield listening


def target(listening: socket.socket, transport: str = "tcp") -> ExportTarget:
    return ExportTarget("ipfix", "127.0.0.1", listening.getsockname()[1], transport)


def test_messages_leave_once_they_are_acknowledged(listening: socket.socket) -> None:
    link = CollectorLink(target(listening), None, 5)
    far, _ = listening.accept()
    with far:
        for _ in range(3):
            link.put(MESSAGE)
        assert (len(link.pending), link.is_writing) == (3, True)
        link.turn(1)
        wait_until(lambda: not link.pending)
        assert len(far.recv(30_000, socket.MSG_WAITALL)) == 30_000
    link.close()


def test_what_did_not_arrive_is_known_after_the_connection_broke(listening: socket.socket) -> None:
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
    link = CollectorLink(target(listening), None, 5)
    far, _ = listening.accept()
    for _ in range(3000):
        link.put(bytes(1000))

    def broken() -> bool:
        try:
            link.turn(0.05)
        except OSError:
            return True
        return False

    wait_until(lambda: broken() or len(link.pending) < 3000)
    far.shutdown(socket.SHUT_RDWR)
    arrived = sum(iter(lambda: len(far.recv(1 << 16)), 0))
    far.close()
    wait_until(broken)
    assert 0 < len(link.pending) == 3000 - arrived // 1000 < 3000
    link.close()


def test_inside_tls_as_well(listening: socket.socket, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.issue("collector"))
    heard = bytearray()

    def serve() -> None:
        with server.wrap_socket(listening.accept()[0], server_side=True) as far:
            while data := far.recv(1 << 16):
                heard.extend(data)

    thread = Thread(target=serve)
    thread.start()
    link = CollectorLink(target(listening, "tls"), ExportSettings(tls_trusted=authority.path).context(), 5)
    for number in range(40):
        link.put(bytes([number]) * 10_000)
    while link.is_writing:
        link.turn(1)
    wait_until(lambda: not link.pending)
    link.farewell()
    thread.join()
    link.close()
    assert heard == b"".join(bytes([number]) * 10_000 for number in range(40))


def test_a_certificate_for_another_name_is_refused(listening: socket.socket, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.issue("elsewhere", address="192.0.2.1"))

    def serve() -> None:
        with pytest.raises(OSError, match=r"alert|EOF|reset"):
            server.wrap_socket(listening.accept()[0], server_side=True)

    thread = Thread(target=serve)
    thread.start()
    with pytest.raises(OSError, match="mismatch"):
        CollectorLink(target(listening, "tls"), ExportSettings(tls_trusted=authority.path).context(), 5)
    thread.join()
