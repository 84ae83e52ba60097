"""Three network namespaces in a row: we, a router, and servers behind it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.namespaces import ip
from tests.surroundings import find_peer

US, SERVER = "192.0.2.2", "198.51.100.2"


@dataclass(frozen=True)
class Route:
    """What to put in front of a command to run it at a place; ``SERVER`` is reached through the router."""

    here: tuple[str, ...]
    router: tuple[str, ...]
    there: tuple[str, ...]


@contextmanager
def route() -> Iterator[Route]:
    """Lay the way; all of it vanishes afterwards."""
    us, router, servers = (f"tidegauge-{os.getpid()}-{place}" for place in ("us", "router", "servers"))
    try:
        for namespace in (us, router, servers):
            ip("netns", "add", namespace)
            ip("-n", namespace, "link", "set", "lo", "up")
        _lay(us, US, router, "192.0.2.1", "inside")
        _lay(servers, SERVER, router, "198.51.100.1", "outside")
        here, between, there = (("ip", "netns", "exec", namespace) for namespace in (us, router, servers))
        subprocess.run([*between, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], check=True)
        yield Route(here, between, there)
    finally:
        for namespace in (us, router, servers):
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)


def _lay(host: str, address: str, router: str, gateway: str, interface: str) -> None:
    ip("-n", host, "link", "add", "wire", "type", "veth", "peer", "name", interface, "netns", router)
    for namespace, end, own in ((host, "wire", address), (router, interface, gateway)):
        ip("-n", namespace, "address", "add", f"{own}/30", "dev", end)
        ip("-n", namespace, "link", "set", end, "up")
    ip("-n", host, "route", "add", "default", "via", gateway)


@contextmanager
def captured(way: Route, path: Path) -> Iterator[None]:
    """Keep what passes the router's inner interface, with the kernel's stamps in nanoseconds."""
    command = [*way.router, find_peer("tcpdump"), "-i", "inside", "--immediate-mode", "-U", "-s", "128"]
    command += ["--time-stamp-precision=nano", "-w", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tcpdump:
        try:
            assert tcpdump.stderr is not None
            assert "listening on" in next(iter(tcpdump.stderr))
            yield
        finally:
            tcpdump.terminate()
            tcpdump.communicate(timeout=10)
