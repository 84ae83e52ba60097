"""Exports whose flows carry a number each, made ahead of time and sent at a steady pace."""

from __future__ import annotations

import socket
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Self

from tidegauge._core import Batch, Encoder
from tidegauge.receiving.listen_address import ListenAddress

VERSIONS = ("netflow5", "netflow9", "ipfix")
FLOWS_EACH = 20
SECOND = 1_000_000_000


def numbered(version: str, count: int, domain: int = 1) -> list[bytes]:
    """Datagrams of ``FLOWS_EACH`` flows each; the byte counts of the flows number them from 1."""
    now = time.time_ns()
    encoder = Encoder(version, observation_domain=domain, boot_time=now - 3600 * SECOND)
    made = []
    for number in range(count):
        numbers = range(number * FLOWS_EACH + 1, (number + 1) * FLOWS_EACH + 1)
        made += encoder.encode(batch_of(numbers, now), now)
    assert len(made) == count, "the flows of one call fit into one datagram"
    return made


def batch_of(numbers: Sequence[int], now: int) -> Batch:
    ones = [1] * len(numbers)
    address = bytes(10) + b"\xff\xff" + bytes([10, 0, 0, 1])
    instants = array("q", [now - SECOND] * len(numbers)).tobytes()
    return Batch(
        {
            "start": instants,
            "end": instants,
            "src_addr": address * len(numbers),
            "dst_addr": address * len(numbers),
            "src_port": array("H", ones).tobytes(),
            "dst_port": array("H", ones).tobytes(),
            "protocol": array("B", [6] * len(numbers)).tobytes(),
            "packets": array("Q", ones).tobytes(),
            "bytes": array("Q", numbers).tobytes(),
        }
    )


@dataclass
class Export:
    """Sends datagrams from a thread, and remembers when how many had left."""

    address: ListenAddress
    datagrams: Sequence[bytes]
    datagrams_per_second: float
    source: str = "127.0.0.1"
    _sent: list[tuple[float, int]] = field(default_factory=list)
    _stopping: Event = field(default_factory=Event)
    _flowing: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        self._flowing.set()
        self._thread = Thread(target=self._send)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._flowing.set()
        self._thread.join()

    @property
    def sent(self) -> int:
        """How many flows have left."""
        return len(self._sent) * FLOWS_EACH

    def pause(self) -> None:
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    def finish(self) -> None:
        """Wait until all has left."""
        self._thread.join()

    def sent_before(self, moment: float) -> int:
        """How many flows had surely left at a moment of the monotonic clock."""
        return max((count for at, count in self._sent if at <= moment), default=0) * FLOWS_EACH

    def _send(self) -> None:
        target = (self.address.host, self.address.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind((self.source, 0))
            due = time.monotonic()
            for number, datagram in enumerate(self.datagrams):
                if not self._flowing.is_set():
                    self._flowing.wait()
                    due = time.monotonic()
                if self._stopping.wait(max(0.0, due - time.monotonic())):
                    return
                sender.sendto(datagram, target)
                due += 1 / self.datagrams_per_second
                self._sent.append((time.monotonic(), number + 1))
