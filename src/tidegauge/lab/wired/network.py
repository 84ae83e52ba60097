"""The cables, addresses and routes of the office: who is joined to whom.

``edge1`` stands between the office and the internet and hides everybody behind one address for each uplink.
What goes to the mail, file and time servers leaves it over ``edge2``, a second router; the rest leaves
directly. Both ways to the internet lead through ``path``, where packets take their time. Laptops have no
address yet: they ask for one.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.wired.namespaces import places
from tidegauge.lab.wired.sites import BEHIND_EDGE2, SITES, TIME_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tidegauge.lab.wired.namespaces import Place

EDGE1, EDGE2, INTERNET, PATH, STATION = "edge1", "edge2", "internet", "path", "station"
LAN = "lan"
"""Name of the office's own network at ``edge1``, where a probe sees everybody."""
EDGE2_OUTSIDE = "internet"
"""Name of the interface of ``edge2`` towards the internet."""
WIRE = "wire"
"""Name of the only interface of a laptop, and of the station."""
UPLINKS = ("direct", "provider")
GATEWAY, STATION_ADDRESS = "192.168.10.1", "192.168.10.2"
PUBLIC = {"direct": "203.0.113.17", "provider": "203.0.113.33"}
"""The office's addresses in the internet, by uplink."""

IPV6 = Path("/proc/sys/net/ipv6")
"""There where the kernel speaks IPv6: switched off, since neighbours looking for each other are no story."""

# Translated ports come from here, so that a server never sees the port that a laptop chose; but the
# collector's questions keep theirs, as most routers let everybody.
RULES = f"""
table ip nat {{
    chain out {{
        type nat hook postrouting priority srcnat
        ip saddr {STATION_ADDRESS} oifname {{ "direct", "provider" }} masquerade
        oifname {{ "direct", "provider" }} ip protocol {{ tcp, udp }} masquerade to :20000-29999
        oifname {{ "direct", "provider" }} masquerade
    }}
}}
"""


class Seat(NamedTuple):
    """A laptop: whose it is, its network card, and what is done there."""

    name: str
    mac: str
    script: str = ""


PEOPLE = (
    Seat("john", "02:74:67:00:00:11", "stream"),
    Seat("sarah", "02:74:67:00:00:12", "mail"),
    Seat("alex", "02:74:67:00:00:13", "download"),
    Seat("mia", "02:74:67:00:00:14", "browse"),
    Seat("tom", "02:74:67:00:00:15", "webmail"),
    Seat("emma", "02:74:67:00:00:16", "listen"),
)
GUEST = Seat("guest", "02:74:67:00:00:66")
"""A laptop that nobody in the office owns."""


@contextmanager
def wired_network(seats: Sequence[Seat] = (*PEOPLE, GUEST)) -> Iterator[Mapping[str, Place]]:
    """Lay everything, and yield each place by its name; all of it is gone at the end."""
    with places([EDGE1, EDGE2, INTERNET, PATH, STATION, *(seat.name for seat in seats)]) as made:
        if IPV6.is_dir():
            for place in made.values():
                place.set("net/ipv6/conf/default/disable_ipv6", 1)
        edge1, edge2, internet, path = made[EDGE1], made[EDGE2], made[INTERNET], made[PATH]
        _lay_lan(edge1, made[STATION], [(made[seat.name], seat) for seat in seats])
        _join_over(path, edge1, "direct", f"{PUBLIC['direct']}/30", internet, "office", "203.0.113.18/30")
        _join(edge1, "provider", f"{PUBLIC['provider']}/30", edge2, "office", "203.0.113.34/30")
        _join_over(path, edge2, EDGE2_OUTSIDE, "203.0.113.49/30", internet, EDGE2, "203.0.113.50/30")
        for address in (*(site.address for site in SITES), TIME_SERVER):
            internet.ip("address", "add", f"{address}/32", "dev", "lo")
        edge1.ip("route", "add", "default", "via", "203.0.113.18")
        edge1.ip("route", "add", BEHIND_EDGE2, "via", "203.0.113.34")
        edge2.ip("route", "add", "default", "via", "203.0.113.50")
        edge2.ip("route", "add", "192.168.10.0/24", "via", PUBLIC["provider"])
        internet.ip("route", "add", f"{PUBLIC['provider']}/32", "via", "203.0.113.49")
        for router in (edge1, edge2):
            router.set("net/ipv4/ip_forward", 1)
        for setting in ("acct", "timestamp"):
            edge1.set(f"net/netfilter/nf_conntrack_{setting}", 1)
        edge1.run("nft", "-f", "-", text=RULES)
        yield made


def near(interface: str) -> str:
    """Name of the interface of ``path`` towards the router that has this one."""
    return f"{interface}-near"


def far(interface: str) -> str:
    """Name of the interface of ``path`` on the other side, towards the servers."""
    return f"{interface}-far"


def _lay_lan(router: Place, station: Place, seats: Sequence[tuple[Place, Seat]]) -> None:
    router.ip("link", "add", LAN, "type", "bridge")
    router.ip("address", "add", f"{GATEWAY}/24", "dev", LAN)
    router.ip("link", "set", LAN, "up")
    _lay(router, STATION, station, WIRE)
    router.ip("link", "set", STATION, "master", LAN)
    station.ip("address", "add", f"{STATION_ADDRESS}/24", "dev", WIRE)
    station.ip("route", "add", "default", "via", GATEWAY)
    for laptop, seat in seats:
        _lay(router, seat.name, laptop, WIRE, mac=seat.mac)
        router.ip("link", "set", seat.name, "master", LAN)


def _join(one: Place, interface: str, address: str, other: Place, end: str, end_address: str) -> None:
    _lay(one, interface, other, end)
    one.ip("address", "add", address, "dev", interface)
    other.ip("address", "add", end_address, "dev", end)


def _join_over(
    path: Place, one: Place, interface: str, address: str, other: Place, end: str, end_address: str
) -> None:
    """Join two places by two cables, between which somebody at ``path`` has to carry what comes."""
    _lay(one, interface, path, near(interface))
    _lay(other, end, path, far(interface))
    one.ip("address", "add", address, "dev", interface)
    other.ip("address", "add", end_address, "dev", end)


def _lay(one: Place, interface: str, other: Place, end: str, mac: str | None = None) -> None:
    """Lay a cable. Packets are as long as on a real one: those split late, the kernel would count as one."""
    one.ip("link", "add", interface, "type", "veth", "peer", "name", end, "netns", other.namespace)
    if mac:
        other.ip("link", "set", end, "address", mac)
    for place, name in ((one, interface), (other, end)):
        place.ip("link", "set", name, "gso_max_segs", "1")
        place.ip("link", "set", name, "up")
