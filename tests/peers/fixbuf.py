"""CERT's libfixbuf, the library yaf and super_mediator export with, as an exporter over TCP.

``python -m tests.peers.fixbuf PORT COUNT`` sends so many random flows to a port of loopback.
"""

from __future__ import annotations

import ctypes
import random
import sys
from collections.abc import Iterator
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_uint8, c_uint16, c_uint32, c_uint64

FB_TCP = 1
INTERNAL, EXTERNAL = 0x400, 0x401
DOMAIN = 42
START_MILLISECONDS = 1_767_268_800_000
VARIABLE = 65_535


class VariableField(Structure):
    """fbVarfield_t."""

    _fields_ = (("length", c_size_t), ("content", c_char_p))


class Flow(Structure):
    """One record as the library reads it, before it writes it shorter on the wire."""

    _fields_ = (
        ("start", c_uint64), ("end", c_uint64), ("bytes", c_uint64), ("packets", c_uint64),
        ("user", VariableField), ("src_addr", c_uint32), ("dst_addr", c_uint32), ("src_port", c_uint16),
        ("dst_port", c_uint16), ("protocol", c_uint8),
    )  # fmt: skip
    _pack_ = 1


class ElementSpec(Structure):
    """fbInfoElementSpec_t."""

    _fields_ = (("name", c_char_p), ("length", c_uint16), ("flags", c_uint32))


class ConnectionSpec(Structure):
    """fbConnSpec_t; what TLS would need stays empty."""

    _fields_ = (("transport", c_int), ("host", c_char_p), ("service", c_char_p), ("rest", c_char_p * 6))


class GlibError(Structure):
    """GError."""

    _fields_ = (("domain", c_uint32), ("code", c_int), ("message", c_char_p))


# Element, bytes in the record before, and bytes on the wire: counters in few (RFC 7011, 6.2).
ELEMENTS = (
    ("flowStartMilliseconds", 8, 8), ("flowEndMilliseconds", 8, 8), ("octetDeltaCount", 8, 5),
    ("packetDeltaCount", 8, 3), ("userName", VARIABLE, VARIABLE), ("sourceIPv4Address", 4, 4),
    ("destinationIPv4Address", 4, 4), ("sourceTransportPort", 2, 2), ("destinationTransportPort", 2, 2),
    ("protocolIdentifier", 1, 1),
)  # fmt: skip


def flows(count: int) -> Iterator[Flow]:
    """Random flows, the same each time; names are up to 300 bytes, which takes a length of three bytes."""
    chance = random.Random(count)
    for number in range(count):
        start = START_MILLISECONDS + number
        name = b"u" * chance.choice([0, 1, 8, 254, 255, 300])
        yield Flow(
            start, start + chance.randrange(60_000), chance.randrange(1 << 33), chance.randrange(1, 1 << 20),
            VariableField(len(name), name), 0x0A000000 + chance.randrange(20), 0xC6336400,
            chance.randrange(1 << 16), 443, 6,
        )  # fmt: skip


class Fixbuf:
    """The library's functions, each of which ends the program where it fails."""

    def __init__(self) -> None:
        ctypes.CDLL("libglib-2.0.so.0", mode=ctypes.RTLD_GLOBAL)
        self._library = ctypes.CDLL("libfixbuf.so.9")

    def make(self, function: str, *arguments: object) -> ctypes.c_void_p:
        """Call what gives an object."""
        called = self._library[function]
        called.restype = ctypes.c_void_p
        return ctypes.c_void_p(called(*arguments))

    def do(self, function: str, *arguments: object) -> None:
        """Call what can fail."""
        error = POINTER(GlibError)()
        if not self._library[function](*arguments, byref(error)):
            raise SystemExit(f"{function}: {error.contents.message.decode()}")


def export(port: int, count: int) -> None:
    """Connect, send the template and the flows, and close."""
    fixbuf = Fixbuf()
    model = fixbuf.make("fbInfoModelAlloc")
    session = fixbuf.make("fbSessionAlloc", model)
    place = ConnectionSpec(FB_TCP, b"127.0.0.1", str(port).encode())
    exporter = fixbuf.make("fbExporterAllocNet", byref(place))
    fixbuf.make("fbSessionSetDomain", session, DOMAIN)
    buffer = fixbuf.make("fBufAllocForExport", session, exporter)
    for is_internal, number, column in ((1, INTERNAL, 1), (0, EXTERNAL, 2)):
        template = fixbuf.make("fbTemplateAlloc", model)
        specs = [ElementSpec(each[0].encode(), each[column], 0) for each in ELEMENTS]
        fixbuf.do("fbTemplateAppendSpecArray", template, (ElementSpec * (len(specs) + 1))(*specs), 0)
        fixbuf.do("fbSessionAddTemplate", session, is_internal, number, template)
    fixbuf.do("fBufSetInternalTemplate", buffer, INTERNAL)
    fixbuf.do("fBufSetExportTemplate", buffer, EXTERNAL)
    for flow in flows(count):
        fixbuf.do("fBufAppend", buffer, byref(flow), c_size_t(ctypes.sizeof(flow)))
    fixbuf.do("fBufEmit", buffer)
    fixbuf.make("fBufFree", buffer)


if __name__ == "__main__":
    export(int(sys.argv[1]), int(sys.argv[2]))
