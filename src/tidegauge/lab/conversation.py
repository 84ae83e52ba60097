"""Conversations: an activity as connections, and a connection as the flows a router exports.

Nothing is lost or invented on the way down: the bytes of all flows of an activity are exactly the
activity's bytes. A long connection is reported in slices of the router's active timeout (RFC 7011,
section 5.1.1), each slice with what passed during it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.activity import KNOCK_BYTES, REFUSAL_BYTES, SECOND
from tidegauge.lab.address import packed
from tidegauge.lab.sites import SERVER_HOSTS, TCP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tidegauge.lab.activity import Activity

ACTIVE_TIMEOUT_SECONDS = 60
IDLE_TIMEOUT_SECONDS = 15

# flowEndReason, RFC 5102 section 5.11.3
IDLE = 1
ACTIVE = 2
ENDED = 3

SYN = 0x02
RESET_ACK = 0x14
PUSH_ACK = 0x18
FIN = 0x01

FULL_PACKET = 1400
EPHEMERAL_PORTS = (32768, 60999)
SCANNED_PORTS = (22, 23, 80, 139, 443, 445, 1433, 3306, 3389, 5432, 5900, 8080)


class Flow(NamedTuple):
    """One direction of one connection for as long as one flow record covers it.

    ``outbound`` says that the client sent it. ``export_after`` is when the router lets go of it.
    """

    export_after: int
    start: int
    end: int
    src_addr: bytes
    dst_addr: bytes
    src_port: int
    dst_port: int
    protocol: int
    tcp_flags: int
    packets: int
    bytes: int
    flow_end_reason: int
    outbound: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """One connection: two addresses, two ports, and what went each way."""

    start: int
    end: int
    client: bytes
    server: bytes
    client_port: int
    server_port: int
    protocol: int
    bytes_up: int
    bytes_down: int


def flows_of(
    activity: Activity, random: Random, active_timeout_seconds: int = ACTIVE_TIMEOUT_SECONDS
) -> list[Flow]:
    """Return every flow that the routers will report about an activity."""
    if activity.service.category == "scan":
        return list(_knocks(activity, random))
    return [
        flow
        for conversation in conversations(activity, random)
        for flow in _slices(conversation, random, active_timeout_seconds * SECOND)
    ]


def conversations(activity: Activity, random: Random) -> Iterator[Conversation]:
    """Divide an activity among its connections: the first carries most, the rest start and end within it."""
    client, servers = _families(activity, random)
    ups = _divided(activity.bytes_up, activity.connections, random)
    downs = _divided(activity.bytes_down, activity.connections, random)
    length = activity.end - activity.start
    for number, (up, down) in enumerate(zip(ups, downs, strict=True)):
        whole = number == 0
        start = activity.start + (0 if whole else int(length * random.uniform(0, 0.4)))
        end = activity.end - (0 if whole else int(length * random.uniform(0, 0.4)))
        yield Conversation(
            start,
            end,
            client,
            random.choice(servers),
            random.randint(*EPHEMERAL_PORTS),
            activity.service.port,
            activity.service.protocol,
            up,
            down,
        )


def _families(activity: Activity, random: Random) -> tuple[bytes, tuple[bytes, ...]]:
    """Choose IPv6 two times in three where both ends have it, as browsers that race both do."""
    device, service = activity.device, activity.service
    if device.ipv6 and service.ipv6 and random.random() < 2 / 3:
        return device.ipv6, service.ipv6
    return device.ipv4, service.ipv4


def _divided(amount: int, parts: int, random: Random) -> list[int]:
    """Divide an amount into integer parts, unequal ones, with nothing left over."""
    return _shares(amount, [random.paretovariate(1.2) for _ in range(parts)])


def _shares(amount: int, weights: list[float]) -> list[int]:
    if len(weights) == 1:
        return [amount]
    total = sum(weights)
    passed = 0.0
    marks = [0]
    for weight in weights:
        passed += weight
        marks.append(round(amount * (passed / total)))
    marks[-1] = amount
    return [upper - lower for lower, upper in pairwise(marks)]


def _slices(conversation: Conversation, random: Random, active_timeout: int) -> Iterator[Flow]:
    """Cut both directions at the active timeout; the amounts vary from slice to slice as real ones do."""
    cuts = [*range(conversation.start, conversation.end, active_timeout), conversation.end]
    spans = list(pairwise(cuts)) or [(conversation.start, conversation.end)]
    weights = [(until - since + 1) * random.uniform(0.6, 1.4) for since, until in spans]
    ups = _shares(conversation.bytes_up, weights)
    downs = _shares(conversation.bytes_down, weights)
    last = len(spans) - 1
    for number, ((since, until), up, down) in enumerate(zip(spans, ups, downs, strict=True)):
        reason = ACTIVE if number < last else _ending(conversation.protocol)
        export = until + (IDLE_TIMEOUT_SECONDS * SECOND if reason == IDLE else SECOND // 2)
        flags = _flags(conversation.protocol, is_first=number == 0, is_last=number == last)
        yield from _both_ways(conversation, (export, since, until), (up, down), flags, reason)


def _both_ways(
    conversation: Conversation, times: tuple[int, int, int], amounts: tuple[int, int], flags: int, reason: int
) -> Iterator[Flow]:
    client, server = conversation.client, conversation.server
    near, far, protocol = conversation.client_port, conversation.server_port, conversation.protocol
    up, down = amounts
    if up:
        sent = (protocol, flags, _packets(up, down), up, reason)
        yield Flow(*times, client, server, near, far, *sent, outbound=True)
    if down:
        sent = (protocol, flags, _packets(down, up), down, reason)
        yield Flow(*times, server, client, far, near, *sent, outbound=False)


def _ending(protocol: int) -> int:
    return ENDED if protocol == TCP else IDLE


def _flags(protocol: int, *, is_first: bool, is_last: bool) -> int:
    if protocol != TCP:
        return 0
    return PUSH_ACK | (SYN if is_first else 0) | (FIN if is_last else 0)


def _packets(amount: int, opposite: int) -> int:
    """Full packets for the data, and at least one small one for every two full ones the other way."""
    return max(1, -(-amount // FULL_PACKET), min(amount // 60, opposite // (2 * FULL_PACKET)))


def _knocks(activity: Activity, random: Random) -> Iterator[Flow]:
    """A scan on the wire: one SYN for each host and port, a reset from the hosts that exist."""
    hosts = activity.connections // len(SCANNED_PORTS)
    laptop = activity.device.ipv4
    moment = activity.start
    for host in range(1, hosts + 1):
        server = packed(f"192.168.20.{host}")
        for port in SCANNED_PORTS:
            own = random.randint(*EPHEMERAL_PORTS)
            times = (moment + SECOND, moment, moment)
            yield Flow(*times, laptop, server, own, port, TCP, SYN, 1, KNOCK_BYTES, IDLE, outbound=True)
            if host in SERVER_HOSTS:
                answer = (TCP, RESET_ACK, 1, REFUSAL_BYTES, ENDED)
                yield Flow(*times, server, laptop, port, own, *answer, outbound=False)
            moment += SECOND // 50
