"""A laptop behind a router that hides it, and a server that sees only the router: translation by Linux."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.peers.namespaces import ip
from tests.peers.routed import Route, route

PUBLIC = "198.51.100.1"

# Ports below are free on the router, so that each of the laptop's is taken by another.
MASQUERADE = """
table ip nat {
    chain out {
        type nat hook postrouting priority srcnat
        oifname "outside" ip protocol { tcp, udp } masquerade to :20000-29999
        oifname "outside" masquerade
    }
}
"""
KERNEL_COUNTS = ("nf_conntrack_acct", "nf_conntrack_timestamp")


@contextmanager
def masqueraded() -> Iterator[Route]:
    """Lay the way of ``route``, and translate what leaves by it; the kernel counts and notes times.

    Packets are as long as on a wire: those that the kernel splits late it counts as one.
    """
    with route() as way:
        subprocess.run([*way.router, "nft", "-f", "-"], input=MASQUERADE, text=True, check=True)
        for name in KERNEL_COUNTS:
            setting(way.router, f"net/netfilter/{name}", 1)
        for place, interface in (
            (way.here, "wire"),
            (way.router, "inside"),
            (way.router, "outside"),
            (way.there, "wire"),
        ):
            ip("-n", place[-1], "link", "set", interface, "gso_max_segs", "1")
        yield way


def setting(place: Sequence[str], name: str, value: int) -> None:
    """Set a kernel setting at a place."""
    subprocess.run([*place, "sh", "-c", f"echo {value} > /proc/sys/{name}"], check=True)
