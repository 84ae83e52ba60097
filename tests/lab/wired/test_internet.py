from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from threading import Thread

import pytest

from tests.flow_sender import wait_until
from tests.ports import free_port
from tidegauge.lab.wired.authority import AUTHORITY, certify
from tidegauge.lab.wired.internet import Ports, serve

HOST, HOST_NAME = "127.0.0.1", "localhost"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    certify([HOST_NAME], folder, time.time_ns())
    return folder


@pytest.fixture(scope="module")
def ports(folder: Path) -> Iterator[Ports]:
    """Where everything is answered."""
    smtp = free_port()
    ports = Ports(free_port(), free_port(), (smtp,))
    loop = asyncio.new_event_loop()
    task = loop.create_task(serve(folder, ports, HOST))
    thread = Thread(target=loop.run_until_complete, args=(asyncio.wait([task]),))
    thread.start()
    wait_until(lambda: _is_open(smtp))
    yield ports
    loop.call_soon_threadsafe(task.cancel)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0))  # what was closed is gone after one more turn
    loop.close()


@pytest.fixture
def tls(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder / AUTHORITY)


def _is_open(port: int) -> bool:
    try:
        socket.create_connection((HOST, port)).close()
    except ConnectionRefusedError:
        return False
    return True


def asked(connection: HTTPConnection) -> None:
    """Ask for different amounts over one connection, hand something in, and ask for what is not there."""
    for size in (0, 1, 200_000):
        connection.request("GET", f"/bytes/{size}")
        assert len(connection.getresponse().read()) == size
    connection.request("POST", "/bytes/3", bytes(100_000))
    assert len(connection.getresponse().read()) == 3
    connection.request("GET", "/elsewhere")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (404, b"")
    connection.close()


def test_as_many_bytes_as_asked_for_come_over_one_connection(ports: Ports, tls: ssl.SSLContext) -> None:
    asked(HTTPConnection(HOST, ports.http, timeout=5))
    asked(HTTPSConnection(HOST_NAME, ports.https, timeout=5, context=tls))


@pytest.mark.parametrize("is_secret", [True, False])
def test_every_mail_is_taken(ports: Ports, tls: ssl.SSLContext, *, is_secret: bool) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "sarah@office.example", "somebody@example.com"
    mail.set_content("x\n" * 100_000)
    with smtplib.SMTP(HOST_NAME, ports.smtp[0], timeout=5) as server:
        if is_secret:
            server.starttls(context=tls)
        assert server.send_message(mail) == {}
        assert server.noop()[0] == 502
