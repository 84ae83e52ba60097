"""Conversations: a connection as the flows a router exports.

Nothing is lost or invented on the way down: the bytes of all flows of an activity are exactly the
activity's bytes. A long connection is reported in slices of the router's active timeout (RFC 7011,
section 5.1.1), each slice with what passed during it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.activity import KNOCK_BYTES, REFUSAL_BYTES, SECOND
from tidegauge.lab.address import packed
from tidegauge.lab.call import shares
from tidegauge.lab.sites import SERVER_HOSTS, TCP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tidegauge.lab.activity import Activity
    from tidegauge.lab.call import Call

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


class Conversation(NamedTuple):
    """A call that has been answered: the addresses of both ends are known."""

    call: Call
    client: bytes
    client_port: int
    server: bytes


def flows_of(
    conversation: Conversation, random: Random, active_timeout_seconds: int = ACTIVE_TIMEOUT_SECONDS
) -> Iterator[Flow]:
    """Yield every flow that a router will report about a conversation, both directions.

    Both are cut at the active timeout; the amounts vary from slice to slice as real ones do.
    """
    call = conversation.call
    cuts = [*range(call.start, call.end, active_timeout_seconds * SECOND), call.end]
    spans = list(pairwise(cuts)) or [(call.start, call.end)]
    weights = [(until - since + 1) * random.uniform(0.6, 1.4) for since, until in spans]
    ups = shares(call.bytes_up, weights)
    downs = shares(call.bytes_down, weights)
    protocol = call.activity.service.protocol
    last = len(spans) - 1
    for number, ((since, until), up, down) in enumerate(zip(spans, ups, downs, strict=True)):
        reason = ACTIVE if number < last else _ending(protocol)
        export = until + (IDLE_TIMEOUT_SECONDS * SECOND if reason == IDLE else SECOND // 2)
        flags = _flags(protocol, is_first=number == 0, is_last=number == last)
        yield from _both_ways(conversation, (export, since, until), (up, down), flags, reason)


def _both_ways(
    conversation: Conversation, times: tuple[int, int, int], amounts: tuple[int, int], flags: int, reason: int
) -> Iterator[Flow]:
    call, client, near, server = conversation
    far, protocol = call.activity.service.port, call.activity.service.protocol
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


def knocks(activity: Activity, laptop: bytes, random: Random) -> Iterator[Flow]:
    """Yield a scan from ``laptop``: a SYN for each host and port, a reset from the hosts that exist."""
    hosts = activity.connections // len(SCANNED_PORTS)
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
