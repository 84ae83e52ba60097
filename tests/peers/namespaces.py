"""Two network namespaces joined by a cable: a real network that touches nothing outside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Cable:
    """What to put in front of a command to run it at either end, and the near end's interface and address."""

    here: tuple[str, ...]
    there: tuple[str, ...]
    interface: str
    address: str
    far_address: str


@contextmanager
def cable() -> Iterator[Cable]:
    """Lay the cable; both ends vanish afterwards, with all that hangs on them."""
    near, far = (f"tidegauge-{os.getpid()}-{end}" for end in ("near", "far"))
    try:
        for namespace in (near, far):
            ip("netns", "add", namespace)
            ip("-n", namespace, "link", "set", "lo", "up")
        ip("-n", near, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", far)
        for namespace, address in ((near, "192.0.2.1/30"), (far, "192.0.2.2/30")):
            ip("-n", namespace, "address", "add", address, "dev", "wire")
            ip("-n", namespace, "link", "set", "wire", "up")
        here, there = (("ip", "netns", "exec", namespace) for namespace in (near, far))
        yield Cable(here, there, "wire", "192.0.2.1", "192.0.2.2")
    finally:
        for namespace in (near, far):
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
