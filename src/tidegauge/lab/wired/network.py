"""The cables, addresses and routes of the office: who is joined to whom.

``edge1`` stands between the office and the internet and hides everybody behind one address for each uplink.
What goes to the mail and file servers leaves it over ``edge2``, a second router; the rest leaves directly.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.wired.namespaces import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tidegauge.lab.wired.namespaces import Place

EDGE1, EDGE2, INTERNET = "edge1", "edge2", "internet"
LAN = "lan"
"""Name of the office's own network at ``edge1``, where a probe sees everybody."""
UPLINKS = ("direct", "provider")
GATEWAY = "192.168.10.1"
PUBLIC = {"direct": "203.0.113.17", "provider": "203.0.113.33"}
"""The office's addresses in the internet, by uplink."""

VIDEO, WEB = "198.51.100.50", "198.51.100.80"
MAIL, FILES = "192.0.2.25", "192.0.2.60"
BEHIND_EDGE2 = "192.0.2.0/24"

# Translated ports come from here, so that a server never sees the port that a laptop chose.
RULES = """
table ip nat {
    chain out {
        type nat hook postrouting priority srcnat
        oifname { "direct", "provider" } ip protocol { tcp, udp } masquerade to :20000-29999
        oifname { "direct", "provider" } masquerade
    }
}
"""


class Seat(NamedTuple):
    """Somebody at a laptop."""

    name: str
    address: str


PEOPLE = (
    Seat("john", "192.168.10.11"),
    Seat("sarah", "192.168.10.12"),
    Seat("alex", "192.168.10.13"),
    Seat("mia", "192.168.10.14"),
)


@contextmanager
def wired_network(people: Sequence[Seat] = PEOPLE) -> Iterator[Mapping[str, Place]]:
    """Lay everything, and yield each place by its name; all of it is gone at the end."""
    with places([EDGE1, EDGE2, INTERNET, *(seat.name for seat in people)]) as made:
        edge1, edge2, internet = made[EDGE1], made[EDGE2], made[INTERNET]
        _lay_lan(edge1, [(made[seat.name], seat) for seat in people])
        _join(edge1, "direct", f"{PUBLIC['direct']}/30", internet, "office", "203.0.113.18/30")
        _join(edge1, "provider", f"{PUBLIC['provider']}/30", edge2, "office", "203.0.113.34/30")
        _join(edge2, "internet", "203.0.113.49/30", internet, "edge2", "203.0.113.50/30")
        for address in (VIDEO, WEB, MAIL, FILES):
            internet.ip("address", "add", f"{address}/32", "dev", "lo")
        edge1.ip("route", "add", "default", "via", "203.0.113.18")
        edge1.ip("route", "add", BEHIND_EDGE2, "via", "203.0.113.34")
        edge2.ip("route", "add", "default", "via", "203.0.113.50")
        edge2.ip("route", "add", f"{PUBLIC['provider']}/32", "via", PUBLIC["provider"])
        internet.ip("route", "add", f"{PUBLIC['provider']}/32", "via", "203.0.113.49")
        for router in (edge1, edge2):
            router.set("net/ipv4/ip_forward", 1)
        for setting in ("acct", "timestamp"):
            edge1.set(f"net/netfilter/nf_conntrack_{setting}", 1)
        edge1.run("nft", "-f", "-", text=RULES)
        yield made


def _lay_lan(router: Place, seats: Sequence[tuple[Place, Seat]]) -> None:
    router.ip("link", "add", LAN, "type", "bridge")
    router.ip("address", "add", f"{GATEWAY}/24", "dev", LAN)
    router.ip("link", "set", LAN, "up")
    for laptop, seat in seats:
        _lay(router, seat.name, laptop, "wire")
        router.ip("link", "set", seat.name, "master", LAN)
        laptop.ip("address", "add", f"{seat.address}/24", "dev", "wire")
        laptop.ip("route", "add", "default", "via", GATEWAY)


def _join(one: Place, interface: str, address: str, other: Place, far: str, far_address: str) -> None:
    _lay(one, interface, other, far)
    one.ip("address", "add", address, "dev", interface)
    other.ip("address", "add", far_address, "dev", far)


def _lay(one: Place, interface: str, other: Place, far: str) -> None:
    """Lay a cable. Packets are as long as on a real one: those split late, the kernel would count as one."""
    one.ip("link", "add", interface, "type", "veth", "peer", "name", far, "netns", other.namespace)
    for place, end in ((one, interface), (other, far)):
        place.ip("link", "set", end, "gso_max_segs", "1")
        place.ip("link", "set", end, "up")
