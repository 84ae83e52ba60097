"""Answers worked out in plain Python from what ``decode`` prints: slow, obvious, with no code of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

Flow = dict[str, Any]
Keep = Callable[[Flow], bool]

DAY = 86_400_000_000_000
QUARTER = 900_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NUMBERS = {
    "octetDeltaCount": "bytes", "packetDeltaCount": "packets", "protocolIdentifier": "protocol",
    "sourceTransportPort": "src_port", "destinationTransportPort": "dst_port", "tcpControlBits": "tcp_flags",
    "ingressInterface": "in_interface", "egressInterface": "out_interface",
    "samplingInterval": "sampling_interval", "ipClassOfService": "tos", "flowDirection": "direction",
}  # fmt: skip
ADDRESSES = {
    "sourceIPv4Address": "src_addr", "sourceIPv6Address": "src_addr",
    "destinationIPv4Address": "dst_addr", "destinationIPv6Address": "dst_addr",
}  # fmt: skip
ICMP = ("icmpTypeCodeIPv4", "icmpTypeCodeIPv6")
INSTANTS = {"flowStartMilliseconds": "start", "flowEndMilliseconds": "end"} | {
    "flowStartNanoseconds": "start", "flowEndNanoseconds": "end",
}  # fmt: skip
HOME = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")] + [
    ip_network(text) for text in ("fc00::/7", "fe80::/10")
]


def flow_decoded(record: dict[str, Any]) -> Flow:
    """A flow record of ndjson that ``decode`` printed."""
    flow: Flow = {"received": nanoseconds(record["received"]), "exporter": record["exporter"]}
    flow["observation_domain"] = record["observation_domain"]
    for element in record["elements"]:
        name, value = element["element"], element["value"]
        if name in NUMBERS:
            flow[NUMBERS[name]] = int(value)
        elif name in ADDRESSES:
            flow[ADDRESSES[name]] = value
        elif name in INSTANTS:
            flow[INSTANTS[name]] = nanoseconds(value)
        elif name in ICMP:
            flow.setdefault("dst_port", int(value))  # as NetFlow has it; a port of its own comes first
    return flow


def nanoseconds(text: str) -> int:
    """An ISO 8601 instant with nine digits."""
    whole, fraction = text.removesuffix("Z").split(".")
    seconds = datetime.fromisoformat(whole).replace(tzinfo=UTC) - EPOCH
    return (seconds.days * 86400 + seconds.seconds) * 10**9 + int(fraction)


def is_home(address: str) -> bool:
    return any(ip_address(address) in network for network in HOME)


def order_of(value: Any) -> tuple[bool, Any]:
    """Nulls last, addresses as 16 bytes, numbers as numbers."""
    if isinstance(value, str) and (":" in value or value.count(".") == 3):
        address = ip_address(value.partition("/")[0])
        text = f"::ffff:{address}" if address.version == 4 else str(address)
        return (False, IPv6Address(text).packed)
    return (value is None, value if value is not None else 0)


def network(address: str, v4: int, v6: int) -> str:
    length = v4 if ip_address(address).version == 4 else v6
    return str(ip_network(f"{address}/{length}", strict=False))


def life(flow: Flow) -> tuple[int, int]:
    start, end = flow["start"], max(flow["start"], flow["end"])
    return max(start, end - DAY), end


def share(count: int, start: int, end: int, since: int | None, until: int | None) -> int:
    """The even share of a counter inside the range, whole numbers that add up."""
    if start == end:
        return count
    low = start if since is None else max(start, since)
    high = end if until is None else min(end, until)
    return count * (high - start) // (end - start) - count * (low - start) // (end - start)


def overlaps(flow: Flow, since: int | None, until: int | None) -> bool:
    start, end = life(flow)
    return (since is None or end >= since) and (until is None or start < until)


def key_of(flow: Flow) -> tuple[Any, ...]:
    return tuple(flow.get(name) for name in ("src_addr", "dst_addr", "src_port", "dst_port", "protocol"))


def point_of(flow: Flow) -> tuple[Any, ...]:
    return tuple(flow.get(name) for name in ("exporter", "observation_domain", "direction"))


def counted_once(flows: list[Flow], since: int | None, until: int | None) -> list[Flow]:
    """Without those that another observation point counts: the rule of ``tidegauge.query.duplicates``."""
    near = [
        flow
        for flow in flows
        if (since is None or flow["start"] >= since - 96 * QUARTER)
        and (until is None or flow["start"] < until)
    ]
    by_key: dict[tuple[Any, ...], list[Flow]] = {}
    for flow in near:
        by_key.setdefault(key_of(flow), []).append(flow)
    dropped = {id(flow) for group in by_key.values() for flow in _repeated(group)}
    return [flow for flow in flows if id(flow) not in dropped]


def _repeated(group: list[Flow]) -> Iterator[Flow]:
    stretch: list[Flow] = []
    for flow in sorted(group, key=lambda flow: flow["start"]):
        if stretch and flow["start"] // QUARTER - stretch[-1]["start"] // QUARTER > 1:
            yield from _losers(stretch)
            stretch = []
        stretch.append(flow)
    yield from _losers(stretch)


def _losers(stretch: list[Flow]) -> Iterator[Flow]:
    points: dict[tuple[Any, ...], list[Flow]] = {}
    for flow in stretch:
        points.setdefault(point_of(flow), []).append(flow)

    def rank(point: tuple[Any, ...]) -> tuple[Any, ...]:
        seen = points[point]
        sampled = max(flow.get("sampling_interval") or 1 for flow in seen)
        return (sampled, -sum(flow["packets"] for flow in seen), *map(order_of, point))

    best = min(points, key=rank)
    for point, seen in points.items():
        if point != best:
            yield from seen


@dataclass(frozen=True)
class Asked:
    """A question, said twice: as the words a person types, and as what they mean."""

    by: tuple[str, ...]
    metrics: tuple[str, ...]
    filter: str
    keep: Keep
    since: int | None
    until: int | None
    top: int
    order: str
    is_falling: bool
    counts_once: bool


def top(flows: list[Flow], asked: Asked) -> list[dict[str, Any]]:
    """What ``top`` should answer."""
    kept = counted_once(flows, asked.since, asked.until) if asked.counts_once else flows
    groups: dict[tuple[Any, ...], dict[str, int]] = {}
    for flow in kept:
        if not asked.keep(flow) or not overlaps(flow, asked.since, asked.until):
            continue
        for key in _keys(flow, asked.by):
            sums = groups.setdefault(key, dict.fromkeys(asked.metrics, 0))
            for metric in asked.metrics:
                sums[metric] += _counted(flow, metric, asked.since, asked.until)
    names = [name.partition("/")[0] for name in asked.by]
    rows = [dict(zip(names, key, strict=True)) | sums for key, sums in groups.items()]
    rows.sort(key=lambda row: tuple(order_of(row[name]) for name in names))
    if asked.order in asked.metrics:
        rows.sort(key=lambda row: row[asked.order], reverse=asked.is_falling)
    return rows[: asked.top] if asked.top else rows


def _keys(flow: Flow, by: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    columns = [_values(flow, name) for name in by]
    widest = max(len(column) for column in columns)
    for number in range(widest):
        yield tuple(column[min(number, len(column) - 1)] for column in columns)


def _values(flow: Flow, name: str) -> list[Any]:
    """One value, or both ends of a flow where the word means either side."""
    plain, slash, lengths = name.partition("/")
    if slash:
        v4 = int(lengths)
        return [network(flow[plain], v4, 64)]
    if plain in ("addr", "port"):
        ends = [flow.get(f"{side}_{plain}") for side in ("src", "dst")]
        present = list(dict.fromkeys(end for end in ends if end is not None))
        return present or [None]
    return [flow.get(plain)]


def _counted(flow: Flow, metric: str, since: int | None, until: int | None) -> int:
    start, end = life(flow)
    factor = max(flow.get("sampling_interval") or 1, 1)
    match metric:
        case "flows":
            return 1
        case "bytes_up" if not (is_home(flow["src_addr"]) and not is_home(flow["dst_addr"])):
            return 0
        case "bytes_down" if not (is_home(flow["dst_addr"]) and not is_home(flow["src_addr"])):
            return 0
    counter = "packets" if metric.startswith("packets") else "bytes"
    part = share(flow[counter], start, end, since, until)
    return part * factor if metric.endswith("_estimate") else part
