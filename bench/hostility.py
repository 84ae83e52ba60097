"""Datagrams that no exporter should send: noise, damage, floods of templates, and lies about lengths.

All of it is drawn from a seed, so that what broke a collector once can be sent again.
"""

from __future__ import annotations

import random
import struct
import time
from array import array
from collections.abc import Callable

from tidegauge.metering.encoder import Batch, Encoder

SECOND = 1_000_000_000
LONGEST = 1400
TEMPLATES, OPTIONS_TEMPLATES = 2, 3
BASIC_LIST, INTERFACE_NAME, OCTETS = 291, 82, 1
VARIABLE = 65535


class Hostility:
    """Draws one hostile datagram after another."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._valid = [made for version in ("netflow5", "netflow9", "ipfix") for made in valid(version)]
        self._kinds: list[Callable[[], bytes]] = [
            self.noise,
            self.truncation,
            self.bit_flips,
            self.template_flood,
            self.withdrawals,
            self.nested_lengths,
            self.fields_without_bytes,
            self.oversize_counts,
            self.sets_without_template,
            self.wrong_checksum,
            self.samples,
            self.aggregates,
        ]

    def datagrams(self, count: int) -> list[bytes]:
        """Datagrams of all kinds, in no order."""
        return [self._random.choice(self._kinds)() for _ in range(count)]

    def noise(self) -> bytes:
        """Bytes that mean nothing; half begin with the number of a version."""
        version = self._random.choice((b"", b"", b"", b"\0\5", b"\0\11", b"\0\12"))
        return version + self._random.randbytes(self._random.randrange(LONGEST))

    def truncation(self) -> bytes:
        """A valid datagram that ends early."""
        whole = self._random.choice(self._valid)
        return whole[: self._random.randrange(len(whole))]

    def bit_flips(self) -> bytes:
        """A valid datagram with a few bits turned over."""
        damaged = bytearray(self._random.choice(self._valid))
        for _ in range(self._random.randrange(1, 9)):
            damaged[self._random.randrange(len(damaged))] ^= 1 << self._random.randrange(8)
        return bytes(damaged)

    def template_flood(self) -> bytes:
        """As many new templates as fit, of any id, in any observation domain."""
        fields = [(self._random.randrange(0x8000), self._random.randrange(1, 9)) for _ in range(8)]
        first = self._random.randrange(256, 65000)
        return self._message(*(template_set(first + number, fields) for number in range(30)))

    def withdrawals(self) -> bytes:
        """Templates taken back that were never given, one by one and all at once."""
        some = [struct.pack(">HH", self._random.randrange(65536), 0) for _ in range(300)]
        return self._message(set_of(self._random.choice((TEMPLATES, OPTIONS_TEMPLATES)), b"".join(some)))

    def nested_lengths(self) -> bytes:
        """Lists in lists, each as long as it likes to say."""
        inner = b""
        for _ in range(60):
            said = self._random.choice((len(inner) + 5, 0, 65535))
            inner = struct.pack(">BHBHH", 255, said, 4, BASIC_LIST, VARIABLE) + inner
        return self._message(template_set(256, [(BASIC_LIST, VARIABLE)] * 3), set_of(256, inner))

    def fields_without_bytes(self) -> bytes:
        """Records of one byte that would hold hundreds of elements."""
        fields = [(INTERFACE_NAME, 0)] * self._random.randrange(200) + [(INTERFACE_NAME, 1)]
        return self._message(template_set(257, fields), set_of(257, bytes(400)))

    def oversize_counts(self) -> bytes:
        """Counts and lengths far beyond the end."""
        count = self._random.randrange(0xFF00, 0x10000)
        return self._random.choice(
            (
                struct.pack(">HHIIIIBBH", 5, count, 1, 1_700_000_000, 0, 0, 0, 0, 0) + bytes(480),
                self._message(struct.pack(">HHHH", TEMPLATES, 12, 300, count) + bytes(4)),
                self._message(struct.pack(">HH", 300, count) + bytes(40)),
                struct.pack(">HHIII", 10, count, 1_700_000_000, 0, 1) + bytes(20),
            )
        )

    def sets_without_template(self) -> bytes:
        """Data that waits for a template which never comes."""
        sets = [set_of(self._random.randrange(256, 65536), bytes(8)) for _ in range(100)]
        return self._message(*sets)

    def wrong_checksum(self) -> bytes:
        """A message that says it was another one (RFC 5655, section 8.1.1)."""
        scope_and_sum = struct.pack(">HHHHHHH", 258, 2, 1, 263, 1, 262, 16)
        return self._message(
            set_of(OPTIONS_TEMPLATES, scope_and_sum), set_of(258, self._random.randbytes(17))
        )

    def samples(self) -> bytes:
        """sFlow whose samples lie about their lengths, or of a version that nobody speaks any more."""
        version = self._random.choice((2, 4, 5, 5))
        header = struct.pack(">II4sIIII", version, 1, b"\n\0\0\1", 0, 1, 1, self._random.getrandbits(32))
        said = self._random.choice((0, 7, 4000, 2**32 - 1))
        return header + struct.pack(">II", self._random.randrange(1, 6), said) + self._random.randbytes(64)

    def aggregates(self) -> bytes:
        """NetFlow 8 of a scheme that nobody defined."""
        scheme = self._random.randrange(15, 256)
        return struct.pack(">HHIIIIBBBBI", 8, 1, 60_000, int(time.time()), 0, 1, 1, 2, scheme, 2, 0) + bytes(
            28
        )

    def _message(self, *sets: bytes) -> bytes:
        body = b"".join(sets)
        domain = self._random.choice((1, 2, self._random.getrandbits(32)))
        sequence = self._random.getrandbits(32)
        return struct.pack(">HHIII", 10, 16 + len(body), int(time.time()), sequence, domain) + body


def valid(version: str, flows: int = 60) -> list[bytes]:
    """Datagrams as an honest exporter sends them."""
    now = time.time_ns()
    encoder = Encoder(version, observation_domain=7, boot_time=now - 3600 * SECOND)
    columns = {
        "start": array("q", [now - SECOND] * flows),
        "end": array("q", [now] * flows),
        "src_port": array("H", range(flows)),
        "bytes": array("Q", range(flows)),
        "packets": array("Q", [1] * flows),
    }
    return encoder.encode(Batch({name: column.tobytes() for name, column in columns.items()}), now)


def template_set(number: int, fields: list[tuple[int, int]]) -> bytes:
    """An IPFIX template set with one template."""
    body = struct.pack(">HH", number, len(fields))
    return set_of(TEMPLATES, body + b"".join(struct.pack(">HH", *field) for field in fields))


def set_of(number: int, body: bytes) -> bytes:
    """A set with its header."""
    return struct.pack(">HH", number, 4 + len(body)) + body
