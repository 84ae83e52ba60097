from __future__ import annotations

import json

import pytest

from tests.flow_sender import send
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.watched_port import WatchedPort

LOOPBACK = ListenAddress("127.0.0.1", 0)


def test_datagrams_are_taken_apart_as_they_come() -> None:
    with WatchedPort(LOOPBACK) as port:
        send(port.address, range(100))
        messages = [json.loads(line) for line in port.dissections(3, seconds=60)]
        assert [len(message["records"]) for message in messages] == [30, 30, 30]
        assert port.counters()["records"] == 90


def test_it_ends_when_time_is_up() -> None:
    with WatchedPort(LOOPBACK) as port:
        send(port.address, [1])
        assert len(list(port.dissections(10**9, seconds=0.05))) == 1


def test_a_taken_address_is_named() -> None:
    with WatchedPort(LOOPBACK) as port, pytest.raises(OSError, match=f"cannot listen at {port.address}"):
        WatchedPort(port.address)
