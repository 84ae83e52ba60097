"""Datagrams laid out in memory so that one call of the kernel sends many, each from its exporter's address.

Python alone sends about as many datagrams as a collector takes; ``sendmmsg`` sends several times as many, so
that what is measured is the collector. One socket does for any number of exporters: control data tells the
source address of each datagram.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

# As Linux has them on 64 bits.
IO_VECTOR = np.dtype([("base", "u8"), ("length", "u8")])
MESSAGE = np.dtype(
    {
        "names": ["name", "name_length", "vectors", "vector_count", "control", "control_length"],
        "formats": ["u8", "u4", "u8", "u8", "u8", "u8"],
        "offsets": [0, 8, 16, 24, 32, 40],
        "itemsize": 64,
    }
)
PACKET_INFORMATION = np.dtype(
    [
        ("length", "u8"),
        ("level", "i4"),
        ("type", "i4"),
        ("interface", "i4"),
        ("source", ">u4"),
        ("header", ">u4"),
        ("padding", "u4"),
    ]
)
PACKET_INFORMATION_BYTES = 28
IP_PKTINFO = 8

LIBC = ctypes.CDLL(None, use_errno=True)


class Bulk:
    """Datagrams in the order of sending, to one target; ``exporters[i]`` sends datagram ``i``."""

    def __init__(
        self, payloads: Sequence[bytes], exporters: NDArray[np.int64], target: tuple[str, int]
    ) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("0.0.0.0", 0))  # the address is told with each datagram
        self._octets = np.frombuffer(bytearray().join(payloads), np.uint8)
        lengths = np.array([len(payload) for payload in payloads], np.uint64)
        self._starts = (np.cumsum(lengths) - lengths).astype(np.int64)
        self._vectors = np.zeros(len(payloads), IO_VECTOR)
        self._vectors["base"] = address_of(self._octets) + self._starts.astype(np.uint64)
        self._vectors["length"] = lengths
        self._control = control_of(exporters)
        self._name = np.frombuffer(
            socket.AF_INET.to_bytes(2, "little")
            + target[1].to_bytes(2, "big")
            + socket.inet_aton(target[0])
            + bytes(8),
            np.uint8,
        )
        self._messages = np.zeros(len(payloads), MESSAGE)
        self._messages["name"], self._messages["name_length"] = address_of(self._name), len(self._name)
        self._messages["vectors"], self._messages["vector_count"] = each_of(self._vectors), 1
        self._messages["control"] = each_of(self._control)
        self._messages["control_length"] = PACKET_INFORMATION.itemsize

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def __len__(self) -> int:
        return len(self._messages)

    def send(self, position: int, until: int) -> None:
        """Send some of the datagrams, from a place up to another."""
        while position < until:
            first = ctypes.c_void_p(address_of(self._messages) + position * MESSAGE.itemsize)
            sent = LIBC.sendmmsg(self._socket.fileno(), first, until - position, 0)
            if sent < 0:
                number = ctypes.get_errno()
                raise OSError(number, f"datagram {position} was not sent: {os.strerror(number)}")
            position += sent

    def add(self, offset: int, steps: NDArray[np.int64]) -> None:
        """Add to a 32-bit number at the same place of each datagram, modulo 2**32."""
        places = self._starts[:, None] + offset + np.arange(4)
        numbers = self._octets[places].view(">u4").reshape(-1).astype(np.int64) + steps
        self._octets[places] = (numbers & 0xFFFFFFFF).astype(">u4").view(np.uint8).reshape(-1, 4)


def exporter_address(exporter: int) -> str:
    """The source address of an exporter."""
    return f"127.1.{exporter // 250}.{exporter % 250 + 1}"


def control_of(exporters: NDArray[np.int64]) -> NDArray[np.void]:
    """Control data that has each datagram come from its exporter's address."""
    control = np.zeros(len(exporters), PACKET_INFORMATION)
    control["length"], control["level"], control["type"] = PACKET_INFORMATION_BYTES, 0, IP_PKTINFO
    control["source"] = (127 << 24) + (1 << 16) + (exporters // 250 << 8) + exporters % 250 + 1
    return control


def address_of(array: NDArray[np.generic]) -> int:
    """Where an array lies in memory."""
    return int(array.ctypes.data)


def each_of(array: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Where each item of an array lies in memory."""
    return (address_of(array) + np.arange(len(array)) * array.itemsize).astype(np.uint64)
