"""The way to the internet, as a program: carries frames between two cables, and takes its time over it.

``python -m tidegauge.lab.wired.path WAYS``, where WAYS is JSON: ``settings_from_json`` reads it. It says
``ready`` once it carries, and after SIGTERM, as JSON, what it did to which packets. The kernel's own way
to do this, netem, is not in every kernel, and does not tell which packets it lost.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
from dataclasses import asdict, dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING, Any

from tidegauge.app.stop_signals import StopSignals

if TYPE_CHECKING:
    from collections.abc import Sequence

MILLISECOND = 1_000_000
_SOL_PACKET, _STATISTICS, _VNET_HEADER, _IGNORE_OUTGOING = 263, 6, 15, 23
_SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 35, 33
_EVERY_PROTOCOL = 3
_LONGEST_FRAME, _BUFFER_BYTES, _MOST_AT_ONCE = 70_000, 64 << 20, 64
_STAMP = struct.Struct("qq")
# Before each frame the kernel tells what is still to be done to it, such as a checksum; it is told that
# again when the frame goes on.
_VIRTIO, _IP = 10, 24
_IPV4, _TCP, _SYN, _ACK = b"\x08\x00", 6, 2, 16


@dataclass(frozen=True)
class Settings:
    """What is done to packets on one way: all take ``delay_ms``.

    Of those from ``source`` that are longer than ``longer_than`` bytes, some are lost, and some held back
    for ``held_ms`` more, so that others overtake them.
    """

    taken_at: str
    sent_at: str
    delay_ms: float
    source: str = ""
    longer_than: int = 1_000
    lost_per_thousand: float = 0.0
    held_per_thousand: float = 0.0
    held_ms: float = 2.0


@dataclass
class Delays:
    """How long packets really were on their way, in nanoseconds."""

    count: int = 0
    mean: float = 0.0
    longest: int = 0

    def add(self, delay: int) -> None:
        """Take in one more."""
        self.count += 1
        self.mean += (delay - self.mean) / self.count
        self.longest = max(self.longest, delay)


@dataclass
class Report:
    """What was done on one way."""

    carried: Delays = field(default_factory=Delays)
    handshakes: dict[str, Delays] = field(default_factory=dict)
    """Segments that ask a server for a connection, or agree to it, by the server's address."""
    lost: int = 0
    lost_bytes: int = 0
    held: int = 0
    overtaken: int = 0
    overrun: int = 0
    """Frames that came too fast to be carried: the kernel dropped them."""


class Way:
    """One direction of a path. Frames are taken and given as bytes; ``now`` is in nanoseconds since 1970."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.settings = settings
        self.report = Report()
        self._random = Random(seed)  # noqa: S311 -- the same losses each time are wanted
        self._source = socket.inet_aton(settings.source) if settings.source else b""
        self._waiting: list[tuple[int, int, int, bytes]] = []
        self._taken = 0
        self._last_given: dict[bytes, int] = {}

    def take(self, frame: bytes, arrived: int) -> None:
        """Take a frame that arrived then: it is lost, or waits until it is due."""
        self._taken += 1
        due = arrived
        if frame[_VIRTIO + 12 : _IP] == _IPV4:
            due += round(self.settings.delay_ms * MILLISECOND)
            if self._is_chosen(frame):
                chance = self._random.random() * 1000
                if chance < self.settings.lost_per_thousand:
                    self.report.lost += 1
                    self.report.lost_bytes += _ip_length(frame)
                    return
                if chance < self.settings.lost_per_thousand + self.settings.held_per_thousand:
                    self.report.held += 1
                    due += round(self.settings.held_ms * MILLISECOND)
        heappush(self._waiting, (due, self._taken, arrived, frame))

    def next_due(self) -> int | None:
        """When the next frame is due, if any waits."""
        return self._waiting[0][0] if self._waiting else None

    def give(self, now: int) -> bytes | None:
        """The next frame that is due, if one is."""
        if not self._waiting or self._waiting[0][0] > now:
            return None
        _, number, arrived, frame = heappop(self._waiting)
        self._note(frame, number, now - arrived)
        return frame

    def _is_chosen(self, frame: bytes) -> bool:
        return frame[_IP + 12 : _IP + 16] == self._source and _ip_length(frame) > self.settings.longer_than

    def _note(self, frame: bytes, number: int, delay: int) -> None:
        if frame[_VIRTIO + 12 : _IP] != _IPV4:
            return
        report = self.report
        report.carried.add(delay)
        if frame[_IP + 9] != _TCP:
            return
        header = _IP + 4 * (frame[_IP] & 15)
        if frame[header + 13] & _SYN:
            place = _IP + (12 if frame[header + 13] & _ACK else 16)
            server = socket.inet_ntoa(frame[place : place + 4])
            report.handshakes.setdefault(server, Delays()).add(delay)
        flow = frame[_IP + 12 : _IP + 20] + frame[header : header + 4]
        last = self._last_given.get(flow, 0)
        report.overtaken += number < last
        self._last_given[flow] = max(number, last)


def settings_from_json(text: str) -> list[Settings]:
    """Each way as an object of the words of ``Settings``, in a list."""
    return [Settings(**way) for way in json.loads(text)]


def settings_to_json(ways: Sequence[Settings]) -> str:
    """The words that ``settings_from_json`` reads."""
    return json.dumps([asdict(way) for way in ways])


class _Carrier:
    """A way with the sockets at its ends."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.near, self._far = _opened(way.settings.taken_at), _opened(way.settings.sent_at, deaf=True)

    def read(self) -> None:
        """Take what has come."""
        for _ in range(_MOST_AT_ONCE):
            try:
                frame, ancillary, _, _ = self.near.recvmsg(_LONGEST_FRAME, 64, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            seconds, nanoseconds = _STAMP.unpack_from(ancillary[0][2])
            self.way.take(frame, seconds * 1_000_000_000 + nanoseconds)

    def send(self) -> None:
        """Send what is due."""
        while frame := self.way.give(time.time_ns()):
            self._far.send(frame)

    def told(self) -> dict[str, Any]:
        """What was done, with its settings."""
        _, self.way.report.overrun = struct.unpack("II", self.near.getsockopt(_SOL_PACKET, _STATISTICS, 8))
        return asdict(self.way.settings) | asdict(self.way.report)


def main() -> None:
    """Carry frames until SIGTERM."""
    carriers = [
        _Carrier(Way(settings, number)) for number, settings in enumerate(settings_from_json(sys.argv[1]))
    ]
    with StopSignals() as signals:
        print("ready", flush=True)  # noqa: T201 -- this is a program
        while not signals.arrived_within(0):
            _carry(carriers)
    print(json.dumps([carrier.told() for carrier in carriers]), flush=True)  # noqa: T201 -- the same


def _carry(carriers: Sequence[_Carrier]) -> None:
    due = min((due for carrier in carriers if (due := carrier.way.next_due())), default=None)
    seconds = 0.1 if due is None else min(max(0.0, (due - time.time_ns()) / 1e9), 0.1)
    readable, _, _ = select.select([carrier.near for carrier in carriers], [], [], seconds)
    for carrier in carriers:
        if carrier.near in readable:
            carrier.read()
        carrier.send()


def _ip_length(frame: bytes) -> int:
    return int.from_bytes(frame[_IP + 2 : _IP + 4], "big")


def _opened(interface: str, *, deaf: bool = False) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    opened.setsockopt(_SOL_PACKET, _VNET_HEADER, 1)
    if not deaf:
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        opened.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
    opened.bind((interface, 0 if deaf else _EVERY_PROTOCOL))
    return opened


if __name__ == "__main__":
    main()
