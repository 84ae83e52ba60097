"""Sends numbered flows to a collector over loopback, and waits for what must become true."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence

from tests.numbered_flows import datagrams
from tidegauge.receiving.listen_address import ListenAddress

PATIENCE_SECONDS = 20


def send(address: ListenAddress, numbers: Sequence[int], at: int | None = None, *, source: str = "") -> None:
    """Send flows as NetFlow v5 datagrams, exported now unless told, from an address of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for content in datagrams(numbers, time.time_ns() if at is None else at):
            sender.sendto(content, (address.host, address.port))


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail when it does not in good time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
