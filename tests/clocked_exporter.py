"""An exporter whose clock is wrong in known ways: real datagrams, and when its flows really were."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tidegauge._core import Batch, Decoder, Encoder
from tidegauge.lab.address import packed
from tidegauge.store.lake import Lake
from tidegauge.store.load import Load

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DECEMBER = 1_796_083_200 * SECOND  # 2026-12-01T00:00:00Z
BYTES_OF_FIRST = 1_000
"""Flows are told apart by their bytes: that many for the first, one more for each."""

Life = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class ClockedExporter:
    """``offsets`` are (true time from which on, clock minus true time), the first from the beginning on.

    Its records tell the wall clock (``ipfix``) or ages (``netflow9``), which are counted from the header's
    whole second if they are ``even``. With ``record_offsets`` records tell another clock than headers. They
    leave at most ``longest_lag`` after their flow.
    """

    address: str
    version: str
    offsets: Sequence[tuple[int, int]]
    record_offsets: Sequence[tuple[int, int]] = ()
    even: bool = False
    skew_ppm: float = 0.0
    longest_lag: int = 15 * SECOND
    mean_delay: int = 3_000_000

    def offset_at(self, instant: int, offsets: Sequence[tuple[int, int]] = ()) -> int:
        """How far the clock is ahead at a true time."""
        offsets = offsets or self.offsets
        _, offset = offsets[max(bisect_right(offsets, (instant, 2**63)) - 1, 0)]
        return offset + round(self.skew_ppm * (instant - offsets[0][0]) / 1e6)

    def exports(
        self, since: int, until: int, every: int, random: Random
    ) -> tuple[list[tuple[bytes, int]], list[Life]]:
        """Datagrams with their arrivals, one flow in each, and the true lives of these flows."""
        encoder = Encoder(self.version, observation_domain=1, boot_time=since - HOUR)
        datagrams: list[tuple[bytes, int]] = []
        lives: list[Life] = []
        sent = since
        while sent < until:
            lag = random.randrange(self.longest_lag)
            end = sent - lag
            start = end - random.randrange(20 * SECOND)
            batch = self._batch(start, end, sent, BYTES_OF_FIRST + len(lives))
            lives.append((start, end))
            arrival = sent + 200_000 + round(random.expovariate(1) * self.mean_delay)
            wall = sent + self.offset_at(sent)
            if self.version == "netflow9" and not self.even:
                datagrams.append(
                    (_aged(since, start, end, sent, wall, BYTES_OF_FIRST + len(lives) - 1), arrival)
                )
            else:
                datagrams += [(datagram, arrival) for datagram in encoder.encode(batch, wall)]
            sent += random.randrange(2 * every)
        return datagrams, lives

    def _batch(self, start: int, end: int, sent: int, number: int) -> Batch:
        if self.version == "ipfix":
            told = [at + self.offset_at(at, self.record_offsets) for at in (start, end)]
        else:
            told = [at + self.offset_at(sent) for at in (start, end)]
        return Batch(
            {
                "start": struct.pack("q", told[0]),
                "end": struct.pack("q", told[1]),
                "src_addr": packed("10.0.0.1"),
                "dst_addr": packed("198.51.100.7"),
                "protocol": bytes([17]),
                "packets": struct.pack("Q", 1),
                "bytes": struct.pack("Q", number),
            }
        )


def _aged(since: int, start: int, end: int, sent: int, wall: int, number: int) -> bytes:
    """NetFlow v9 as routers send it: the uptime in milliseconds, the time in whole seconds."""
    uptimes = [(at - since) // 1_000_000 + 10_000_000 for at in (sent, start, end)]
    template = struct.pack(">HHHHHHHHHH", 0, 20, 256, 3, 22, 4, 21, 4, 1, 4)
    record = struct.pack(">HHIII", 256, 16, *uptimes[1:], number)
    header = struct.pack(">HHIIII", 9, 2, uptimes[0], wall // SECOND, number, 1)
    return header + template + record


def clocked_lake(
    path: Path,
    exporters: Sequence[ClockedExporter],
    *,
    since: int = DECEMBER,
    hours: float = 0.5,
    seed: int = 1,
) -> tuple[Lake, Mapping[str, Sequence[Life]]]:
    """A lake with what these export, a flow every two seconds on average, and the true lives by exporter."""
    lake, truths = Lake.create(path), {}
    until = since + round(hours * HOUR)
    with Load(lake, "clocked") as load:
        for number, exporter in enumerate(exporters):
            datagrams, lives = exporter.exports(since, until, 2 * SECOND, Random(seed + number))
            truths[exporter.address] = lives
            decoder = Decoder(writer="clocked")
            for datagram, arrival in sorted(datagrams, key=lambda each: each[1]):
                decoder.feed(datagram, exporter.address, 2055, arrival)
            load.append([*decoder.drain(), *decoder.close()])
        load.commit(until)
    return lake, truths
