from __future__ import annotations

import asyncio
import smtplib
import socket
import time
from collections.abc import Iterator
from email.message import EmailMessage
from http.client import HTTPConnection
from threading import Thread

import pytest

from tidegauge.lab.wired.internet import serve

HOST = "127.0.0.1"


def free_ports() -> tuple[int, int]:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Where HTTP and SMTP are answered."""
    http, smtp = free_ports()
    loop = asyncio.new_event_loop()
    task = loop.create_task(serve(http, smtp, HOST))
    thread = Thread(target=loop.run_until_complete, args=(asyncio.wait([task]),))
    thread.start()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, smtp)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.01)
    yield http, smtp
    loop.call_soon_threadsafe(task.cancel)
    thread.join()
    loop.close()


def test_as_many_bytes_as_asked_for_come_over_one_connection(ports: tuple[int, int]) -> None:
    connection = HTTPConnection(HOST, ports[0], timeout=5)
    for size in (0, 1, 200_000):
        connection.request("GET", f"/bytes/{size}")
        assert len(connection.getresponse().read()) == size
    connection.request("GET", "/elsewhere")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (404, b"")
    connection.close()


def test_every_mail_is_taken(ports: tuple[int, int]) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "sarah@office.example", "somebody@example.com"
    mail.set_content("x\n" * 100_000)
    with smtplib.SMTP(HOST, ports[1], timeout=5) as server:
        assert server.send_message(mail) == {}
        assert server.noop()[0] == 502
