"""Somebody who looks around and floods: real tools, bounded in number and time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.wired.person import Act
from tidegauge.lab.wired.program import running
from tidegauge.lab.wired.sites import NEWS, WEB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place

CHECK_SECONDS = 0.1
NEEDED = ("nmap", "hping3")
NOT_ANSWERED = 1
"""How hping3 ends when nothing came back."""


class Attack(NamedTuple):
    """Something that is done to a server: ``amount`` is how many ports are tried, or packets sent."""

    what: str
    target: str
    amount: int
    command: Sequence[str]


SCANNED_PORTS, FLOOD_PACKETS = 300, 2_000
ATTACKS = (
    Attack(
        "scan",
        WEB.address,
        SCANNED_PORTS,
        ("nmap", "-n", "-sS", "-Pn", "--host-timeout", "20s", "-p", f"1-{SCANNED_PORTS}", WEB.address),
    ),
    Attack(
        "flood",
        NEWS.address,
        FLOOD_PACKETS,
        ("hping3", "-q", "-S", "-p", "80", "-i", "u1000", "-c", str(FLOOD_PACKETS), NEWS.address),
    ),
)
LONGEST_SECONDS = 25.0


def attack(who: str, place: Place, folder: Path, is_over: Callable[[float], bool]) -> Iterator[Act]:
    """Do one after the other until ``is_over``, which waits so many seconds and says so, and tell of each."""
    for each in ATTACKS:
        start, deadline = time.time_ns(), time.monotonic() + LONGEST_SECONDS
        with running(each.command[0], place, each.command, folder) as tool:
            while tool.process.poll() is None:
                if is_over(CHECK_SECONDS):
                    return
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{tool.name} got nowhere within {LONGEST_SECONDS:.0f} seconds")
            if tool.process.returncode not in (0, NOT_ANSWERED):
                tool.is_over()
        yield Act(who, each.what, each.target, start, time.time_ns(), each.amount, 0, 0)
