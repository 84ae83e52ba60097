"""The traffic every benchmark uses: flows of an office and an internet provider, as columns.

``realistic``: few servers get most of the traffic, sizes are heavy-tailed, 70 % IPv4, most flows have
their opposite, and over a day people work by day and sleep at night. ``high-entropy``: 5 million
sources, nothing repeats, the worst case for compression and grouping. Run it to see its numbers.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Columns = dict[str, Array]

MILLISECOND, SECOND = 1_000_000, 1_000_000_000
DAY = 86_400 * SECOND
CLIENTS = 20_000
SERVERS = 50_000
HIGH_ENTROPY_SOURCES = 5_000_000
KINDS = ("realistic", "high-entropy")
IPV6_SHARE = 0.3
MAPPED = np.frombuffer(bytes(10) + b"\xff\xff", np.uint8)

# destination port, protocol, share of flows
SERVICES = np.array(
    [
        (443, 6, 0.36), (443, 17, 0.22), (53, 17, 0.20), (80, 6, 0.07), (993, 6, 0.03), (587, 6, 0.02),
        (22, 6, 0.02), (123, 17, 0.02), (8801, 17, 0.02), (3389, 6, 0.01), (25, 6, 0.01), (51820, 17, 0.02),
    ]
)  # fmt: skip
# People's day: weight of each hour, from midnight.
HOURS = np.array([8, 5, 4, 3, 3, 5, 12, 30, 70, 95, 100, 96, 80, 88, 97, 95, 90, 75, 60, 55, 52, 45, 30, 15])


@dataclass(frozen=True)
class TrafficModel:
    """A model with a seed: the same seed and ``part`` give the same flows."""

    kind: str = "realistic"
    seed: int = 1
    has_ipv6: bool = True

    def columns(self, count: int, now: int, *, part: int = 0, span: int = SECOND) -> Columns:
        """Draw ``count`` flows that ended within ``span`` before ``now``, both in nanoseconds.

        A span of whole days is filled as people live; a shorter one evenly.
        """
        random = np.random.default_rng([self.seed, part])
        is_ipv6 = random.random(count) < (IPV6_SHARE if self.has_ipv6 else 0.0)
        draw = self._realistic if self.kind == "realistic" else self._high_entropy
        columns = draw(random, count, is_ipv6)
        ages = moments_of_days(random, count, span // DAY) if span >= DAY else random.integers(0, span, count)
        end = now - ages
        columns["start"], columns["end"] = end - durations(random, columns["packets"]), end
        return columns

    def _realistic(self, random: np.random.Generator, count: int, is_ipv6: Array) -> Columns:
        client = zipf_ranks(random, count, CLIENTS, 0.8)
        server = zipf_ranks(random, count, SERVERS, 1.05)
        service = random.choice(len(SERVICES), count, p=SERVICES[:, 2] / SERVICES[:, 2].sum())
        port, protocol = SERVICES[service, 0].astype(np.uint16), SERVICES[service, 1].astype(np.uint8)
        ephemeral = random.integers(32768, 61000, count, dtype=np.uint16)
        inside = addresses(client + (10 << 24), 0xFD100000_00000000, is_ipv6)
        outside = addresses(scattered(server), 0x20010DB8_00000000, is_ipv6)
        outbound = random.random(count) < 0.5
        packets = np.where(port == 53, 1, pareto_packets(random, count))
        columns = {
            "src_addr": np.where(outbound[:, None], inside, outside),
            "dst_addr": np.where(outbound[:, None], outside, inside),
            "src_port": np.where(outbound, ephemeral, port),
            "dst_port": np.where(outbound, port, ephemeral),
            "in_interface": np.where(outbound, 1, 2).astype(np.uint32),
            "out_interface": np.where(outbound, 2, 1).astype(np.uint32),
        }
        return columns | volumes(random, packets, protocol, down=~outbound)

    def _high_entropy(self, random: np.random.Generator, count: int, is_ipv6: Array) -> Columns:
        source = random.integers(0, HIGH_ENTROPY_SOURCES, count)
        columns = {
            "src_addr": addresses(scattered(source), 0x20010DB8_00000000, is_ipv6),
            "dst_addr": addresses(random.integers(1 << 24, 223 << 24, count), 0x2A000000_00000000, is_ipv6),
            "src_port": random.integers(1, 65536, count, dtype=np.uint16),
            "dst_port": random.integers(1, 65536, count, dtype=np.uint16),
            "in_interface": random.integers(1, 49, count, dtype=np.uint32),
            "out_interface": random.integers(1, 49, count, dtype=np.uint32),
        }
        protocol = np.where(random.random(count) < 0.7, 6, 17).astype(np.uint8)
        down = random.random(count) < 0.5
        return columns | volumes(random, pareto_packets(random, count), protocol, down=down)


def volumes(random: np.random.Generator, packets: Array, protocol: Array, *, down: Array) -> Columns:
    """Packets and what goes with them: bytes (full packets downwards, small ones upwards), flags, reasons."""
    count = len(packets)
    sizes = np.where(down, random.integers(400, 1400, count), random.integers(52, 300, count))
    flags = np.where(packets > 3, 0x1B, random.choice(np.array([0x02, 0x12, 0x18, 0x10, 0x14]), count))
    return {
        "packets": packets.astype(np.uint64),
        "bytes": (packets * sizes).astype(np.uint64),
        "protocol": protocol,
        "tcp_flags": np.where(protocol == 6, flags, 0).astype(np.uint16),
        "tos": np.where(random.random(count) < 0.1, 0xB8, 0).astype(np.uint8),
    }


def zipf_ranks(random: np.random.Generator, count: int, population: int, exponent: float) -> Array:
    """Draw ranks so that the k-th is met in proportion to 1 / k ** exponent."""
    weights = 1.0 / np.arange(1, population + 1) ** exponent
    cumulated = np.cumsum(weights) / weights.sum()
    return np.searchsorted(cumulated, random.random(count)).astype(np.int64)


def scattered(ranks: Array) -> Array:
    """Spread ranks over public IPv4 space, one address each: an odd factor modulo 2**27 is a bijection."""
    return ((ranks + 1) * 0x5851F42D % (1 << 27)) + (64 << 24)


def addresses(hosts: Array, ipv6_prefix: int, is_ipv6: Array) -> Array:
    """Return 16 bytes for each host number: mapped IPv4, or the number below a 64-bit prefix."""
    rows = np.empty((len(hosts), 16), np.uint8)
    rows[:, 12:] = hosts.astype(">u4").view(np.uint8).reshape(-1, 4)
    rows[:, :12] = MAPPED
    prefix = np.frombuffer(ipv6_prefix.to_bytes(8, "big") + bytes(4), np.uint8)
    rows[is_ipv6, :12] = prefix
    return rows


def pareto_packets(random: np.random.Generator, count: int) -> Array:
    """Packets per flow: half have one or two, one in a thousand has thousands."""
    return np.minimum(1.0 / random.random(count) ** (1 / 1.1), 200_000).astype(np.int64)


def durations(random: np.random.Generator, packets: Array) -> Array:
    """Nanoseconds from first to last packet: none for one packet, at most the active timeout of a minute."""
    seconds = np.minimum(packets.astype(float) * random.lognormal(-2.0, 1.5, len(packets)), 60.0)
    return np.where(packets > 1, seconds * SECOND, 0).astype(np.int64)


def moments_of_days(random: np.random.Generator, count: int, days: int) -> Array:
    """Ages in nanoseconds over whole days before a midnight, as dense as people are awake and at work."""
    cumulated = np.concatenate([[0], np.cumsum(HOURS[::-1])]) / HOURS.sum()
    hours_before_midnight = np.interp(random.random(count), cumulated, np.arange(25))
    return (hours_before_midnight * 3600 * SECOND).astype(np.int64) + random.integers(0, days, count) * DAY


def describe(columns: Columns) -> dict[str, float]:
    """Return what the model amounts to."""
    sizes = np.sort(columns["bytes"])[::-1]
    mapped = (columns["src_addr"][:, :12] == MAPPED).all(axis=1)
    return {
        "flows": len(sizes),
        "ipv4_share": round(float(mapped.mean()), 3),
        "sources": len(np.unique(columns["src_addr"], axis=0)),
        "median_bytes": int(np.median(sizes)),
        "mean_bytes": round(float(sizes.mean())),
        "share_of_largest_1_percent": round(float(sizes[: len(sizes) // 100].sum() / sizes.sum()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flows", type=int, default=200_000)
    arguments = parser.parse_args()
    for kind in KINDS:
        print(kind, describe(TrafficModel(kind).columns(arguments.flows, now=1_750_000_000 * SECOND)))


if __name__ == "__main__":
    main()
