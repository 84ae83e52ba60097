"""Trouble: for each detector something it must find, in as few flows as that takes, and what goes on beside.

``evidence`` are the flows a person must see who opens the finding; all others belong to it in other ways
(answers, the days before) or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.traffic import DAY, SYN, WHOLE, Flow, both_ways

LAPTOP, MATE, SERVER, AWAY = "10.1.2.17", "10.1.2.18", "10.0.0.5", "198.51.100.7"
POLICY = """
[[rule]]
name = "Mail leaves by the mail service"
action = "deny"
from = "home"
to = "outside"
ports = 25
"""
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is found, and the flows behind it."""

    evidence: list[Flow]
    beside: list[Flow] = field(default_factory=list)
    policy: str = ""


def everyday(client: str) -> list[Flow]:
    """A morning in which somebody browses, asks for names and reads mail."""
    pages = [
        Flow(client, "203.0.113.9", 41_000 + n, 443, 6, WHOLE, 20 + n, 3000 * (n + 1), 37.0 * n * n, 2)
        for n in range(12)
    ]
    names = [Flow(client, "10.0.0.53", 42_000 + n, 53, 17, None, 1, 70, 36.0 * n * n) for n in range(12)]
    mail = [
        Flow(client, "10.0.0.25", 43_000 + n, 993, 6, WHOLE, 40 * (n + 1), 9000, 900.0 * n, 5)
        for n in range(4)
    ]
    return [flow for up in (*pages, *names, *mail) for flow in both_ways(up, up.packets, 150 * up.packets)]


def answered(ups: list[Flow], size: int) -> list[Flow]:
    """The answers to some flows."""
    return [both_ways(up, up.packets, size)[1] for up in ups]


def days_before(days: int = 7) -> list[Flow]:
    """The laptop moved a little at the same hour of earlier days."""
    ups = [
        Flow(LAPTOP, "203.0.113.9", 52_000, 443, 6, WHOLE, 900, MEGABYTE, -day * DAY, 60)
        for day in range(1, days + 1)
    ]
    return ups + answered(ups, 20 * MEGABYTE)


def _beacon() -> Trouble:
    calls = [Flow(LAPTOP, AWAY, 40_000 + n, 443, 6, WHOLE, 8, 900 + n % 7, 60.0 * n, 0.5) for n in range(60)]
    return Trouble(calls, answered(calls, 1500))


def _brute_force() -> Trouble:
    tries = [Flow(AWAY, SERVER, 40_000 + n, 22, 6, WHOLE, 15, 3058 + n % 7, 0.8 * n, 0.4) for n in range(40)]
    return Trouble(tries, answered(tries, 2900))


def _dns_tunnel() -> Trouble:
    asked = [Flow(LAPTOP, "10.0.0.53", 20_000 + n, 53, 17, None, 1, 295, 0.03 * n) for n in range(1158)]
    return Trouble(asked, answered(asked, 400))


def _flood() -> Trouble:
    return Trouble([Flow(AWAY, SERVER, 1024 + n, 80, 6, SYN, 1, 40, n / 1000) for n in range(1500)])


def _policy() -> Trouble:
    mails = [Flow(LAPTOP, AWAY, 51_000 + n, 25, 6, WHOLE, 20, 9000, 3600.0 * n, 2) for n in range(3)]
    return Trouble(mails, answered(mails, 900), POLICY)


def _scan() -> Trouble:
    return Trouble([Flow(LAPTOP, SERVER, 41_000, port, second=port / 10) for port in range(1, 201)])


def _upload() -> Trouble:
    slices = [
        Flow(LAPTOP, AWAY, 50_000, 443, 6, WHOLE, 60_000, 80 * MEGABYTE, 60.0 * n, 59.5) for n in range(25)
    ]
    return Trouble(slices, answered(slices, MEGABYTE // 10) + days_before())


def _volume() -> Trouble:
    fetched = [Flow(LAPTOP, AWAY, 50_000, 443, 6, WHOLE, 9000, MEGABYTE, 60.0 * n, 59) for n in range(20)]
    return Trouble(fetched + answered(fetched, 100 * MEGABYTE), days_before())


TROUBLE = {
    "beacon": _beacon(),
    "brute_force": _brute_force(),
    "dns_tunnel": _dns_tunnel(),
    "flood": _flood(),
    "policy": _policy(),
    "scan": _scan(),
    "upload": _upload(),
    "volume": _volume(),
}
"""By the name of the detector. ``silent_exporter`` is about no flows but about their absence."""
