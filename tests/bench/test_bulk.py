"""Many datagrams by one call: each arrives whole, in order, from its exporter's address."""

from __future__ import annotations

import socket

import numpy as np
from bulk import Bulk, exporter_address

PATIENCE_SECONDS = 20


def test_datagrams_come_from_their_exporters_in_order() -> None:
    payloads = [bytes([number]) * (number + 8) for number in range(40)]
    exporters = np.arange(40) * 13 % 500
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(PATIENCE_SECONDS)
        with Bulk(payloads, exporters, ("127.0.0.1", collector.getsockname()[1])) as bulk:
            bulk.send(3, len(bulk))
        came = [collector.recvfrom(2048) for _ in range(37)]
    assert [content for content, _ in came] == payloads[3:]
    assert [source for _, (source, _) in came] == [exporter_address(each) for each in exporters[3:].tolist()]


def test_numbers_run_on_and_wrap() -> None:
    payloads = [b"ab" + (0xFFFFFFFE).to_bytes(4, "big") + b"cd", b"ef" + bytes(4)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(PATIENCE_SECONDS)
        with Bulk(payloads, np.array([0, 0]), ("127.0.0.1", collector.getsockname()[1])) as bulk:
            bulk.add(2, np.array([5, 7]))
            bulk.send(0, 2)
        came = [collector.recv(2048) for _ in payloads]
    assert came == [b"ab\0\0\0\3cd", b"ef\0\0\0\7"]
