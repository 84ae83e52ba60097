"""The office's network: who has which address now, and what a name means to whom.

A connection takes an address of one's own and one of the other end. The first is lent (``dhcp``) or made
up (``neighbours``); the second comes from the resolver, unless the client still remembers it.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tidegauge.lab import activity
from tidegauge.lab.address import packed
from tidegauge.lab.call import is_secret, single_call
from tidegauge.lab.conversation import EPHEMERAL_PORTS, Conversation
from tidegauge.lab.dhcp import DhcpServer
from tidegauge.lab.journal import Journal
from tidegauge.lab.neighbours import Neighbours
from tidegauge.lab.people import RESOLVER, SERVERS
from tidegauge.lab.resolver import Resolver
from tidegauge.lab.sites import PUBLIC_RESOLVERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.lab.activity import Activity
    from tidegauge.lab.call import Call
    from tidegauge.lab.hosts import Host
    from tidegauge.lab.people import Device

# A name is looked up this long before the connection that needs it.
AHEAD = 60_000_000
RESOLVER_ADDRESS = packed("192.168.20.53")


class Lan:
    """Makes connections of calls. They must come by start time: leases and memories run out."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"{seed}/lan")  # noqa: S311 (a simulation must repeat)
        self.journal = Journal()
        self.dhcp = DhcpServer(self.journal)
        self._neighbours = Neighbours(self.journal, seed)
        self._resolver = Resolver(self.journal, self._random)
        self._kept_until: dict[tuple[str, str], int] = {}

    def ipv4(self, device: Device, since: int, until: int) -> bytes:
        """Return the IPv4 address that ``device`` has from ``since`` to ``until``."""
        if device.is_lent or device.ipv4 is None:
            return self.dhcp.address(device, since, until)
        return device.ipv4

    def connect(self, call: Call) -> Iterator[Conversation]:
        """Yield the conversation that a call becomes, behind those that it takes to learn the address."""
        device = call.activity.device
        client = self.ipv4(device, call.start, call.end)
        if call.host is None:
            yield self._conversation(call, client, self._server(call.activity))
            return
        yield from self._look_up(call.activity, call.host, client, call.start)
        servers = call.host.ipv4
        if call.host.ipv6 and (not servers or self._random.random() < 2 / 3):
            # Browsers race both families, and IPv6 has a head start (RFC 8305).
            client = device.ipv6 or self._neighbours.address(device, call.start)
            servers = call.host.ipv6
        yield self._conversation(call, client, self._random.choice(servers))

    def _conversation(self, call: Call, client: bytes, server: bytes) -> Conversation:
        return Conversation(call, client, self._random.randint(*EPHEMERAL_PORTS), server)

    def _server(self, asking: Activity) -> bytes:
        if asking.device is RESOLVER:
            return self._random.choice(PUBLIC_RESOLVERS)
        return RESOLVER_ADDRESS

    def _look_up(self, deed: Activity, host: Host, client: bytes, needed: int) -> Iterator[Conversation]:
        """Ask for a name unless the device remembers it; whom, is the device's choice."""
        device, moment = deed.device, needed - AHEAD
        if self._kept_until.get((device.mac, host.name), 0) > needed:
            return
        if is_secret(deed, host):
            secret = activity.exchange(deed.who, device, "SecureDNS", moment, self._random)
            yield from self.connect(single_call(secret))
            keep_until = moment + host.ttl_seconds * activity.SECOND
        else:
            yield from self._questions(deed, host, moment)
            keep_until = self._resolver.answer(client, host, moment)
        self._kept_until[device.mac, host.name] = keep_until

    def _questions(self, deed: Activity, host: Host, moment: int) -> Iterator[Conversation]:
        """Ask the office's resolver, which asks the world for what it does not know.

        Its neighbours in the server room reach it without passing a router.
        """
        if deed.device not in SERVERS:
            asking = activity.lookup(deed.who, deed.device, "Resolver", moment, self._random)
            yield from self.connect(single_call(asking))
        if not self._resolver.knows(host, moment):
            asking = activity.lookup(RESOLVER.name, RESOLVER, "PublicDNS", moment, self._random)
            yield from self.connect(single_call(asking))
