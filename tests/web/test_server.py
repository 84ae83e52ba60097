from __future__ import annotations

import socket
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.web.visitor import Visitor
from tidegauge.store.lake import Lake
from tidegauge.web.application import create_application
from tidegauge.web.server import Server


def test_stopping_does_not_wait_for_those_who_watch(lake: Lake) -> None:
    server = Server(create_application(lake.path), "127.0.0.1", 0)
    server.start()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/api/v1/stream")
    reply = connection.getresponse()
    assert reply.readline() == b"event: time\n"
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 1.0
    reply.read()  # ends whole, not torn: the last chunk came
    connection.close()


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Server(create_application(tmp_path), "127.0.0.1", taken.getsockname()[1])


def test_a_stopped_server_leaves_the_port(lake: Lake) -> None:
    server = Server(create_application(lake.path), "127.0.0.1", 0)
    server.start()
    assert Visitor(server.port).get("/health").status == 200
    server.stop()
    again = Server(create_application(lake.path), "127.0.0.1", server.port)
    again.start()
    assert Visitor(again.port).get("/health").status == 200
    again.stop()


def test_the_address_of_ipv6_stands_in_brackets(tmp_path: Path) -> None:
    server = Server(create_application(tmp_path), "::1", 0)
    assert server.address == f"http://[::1]:{server.port}"
    server.start()
    server.stop()
