"""Activities: one thing somebody does on the network, as a person would tell it.

"John watched YouTube for 30 minutes, 500 MB" is one activity. How it looks on the wire is the
business of ``conversation``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.lab.sites import SERVER_HOSTS, SERVICES, Service

if TYPE_CHECKING:
    from random import Random

    from tidegauge.lab.people import Device

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

KILOBYTE = 1_000
MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000

KNOCK_BYTES = 44
REFUSAL_BYTES = 40


@dataclass(frozen=True, slots=True)
class Activity:
    """Who used what from when to when, and how many IP bytes that took.

    ``who`` is a person's name, or a machine's where nobody sits at it. Instants are nanoseconds
    since 1970. ``connections`` is how many conversations share the bytes.
    """

    who: str
    device: Device
    service: Service
    start: int
    end: int
    bytes_up: int
    bytes_down: int
    connections: int = 1


def heavy_tailed(random: Random, median: float, maximum: float) -> int:
    """Draw a size: most are small, a few are hundreds of times the median, none above ``maximum``."""
    return int(min(random.lognormvariate(0.0, 1.3) * median, maximum))


def visit(who: str, device: Device, site: str, start: int, random: Random) -> Activity:
    """Open a page: a few connections, most of the bytes downwards, over in seconds."""
    down = 20 * KILOBYTE + heavy_tailed(random, 600 * KILOBYTE, 60 * MEGABYTE)
    up = 2 * KILOBYTE + down // random.randint(12, 40)
    seconds = random.uniform(1, 12)
    connections = random.choice((1, 1, 2, 2, 3, 4))
    return Activity(who, device, SERVICES[site], start, start + int(seconds * SECOND), up, down, connections)


def exchange(who: str, device: Device, site: str, start: int, random: Random) -> Activity:
    """Exchange a few kilobytes: a chat message, a mailbox looked at, a login."""
    down = 1500 + heavy_tailed(random, 6 * KILOBYTE, 5 * MEGABYTE)
    up = 900 + heavy_tailed(random, 2 * KILOBYTE, MEGABYTE)
    return Activity(
        who, device, SERVICES[site], start, start + int(random.uniform(0.2, 9) * SECOND), up, down
    )


def keep_open(who: str, device: Device, site: str, start: int, end: int, size: int) -> Activity:
    """Hold a connection that carries ``size`` bytes, one part up to three parts down."""
    return Activity(who, device, SERVICES[site], start, end, size // 4, size - size // 4)


def lookup(who: str, device: Device, resolver: str, start: int, random: Random) -> Activity:
    """Ask a DNS resolver for one name."""
    milliseconds = random.uniform(0.4, 40)
    return Activity(
        who,
        device,
        SERVICES[resolver],
        start,
        start + int(milliseconds * 1_000_000),
        random.randint(56, 82),
        random.randint(90, 420),
    )


def send_mail(who: str, device: Device, start: int, random: Random, size: int) -> Activity:
    """Hand one e-mail of ``size`` bytes to the mail service by submission."""
    seconds = random.uniform(0.8, 2.5)
    return Activity(
        who,
        device,
        SERVICES["Gmail-SMTP"],
        start,
        start + int(seconds * SECOND),
        size,
        random.randint(3_500, 6_000),
    )


def meeting(who: str, device: Device, start: int, minutes: int, random: Random) -> Activity:
    """Hold a video meeting: about a megabit a second each way."""
    seconds = minutes * 60 - random.randint(0, 90)
    return Activity(
        who,
        device,
        SERVICES["Zoom"],
        start,
        start + seconds * SECOND,
        seconds * random.randint(40, 90) * KILOBYTE,
        seconds * random.randint(60, 150) * KILOBYTE,
        connections=2,
    )


def transfer(
    who: str, device: Device, site: str, start: int, seconds: int, *, up: int = 0, down: int = 0
) -> Activity:
    """Move a known amount in a known time: a stream, a download, a backup.

    What goes the other way, acknowledgements, is 2 % and part of the amount.
    """
    back = (up or down) // 50
    bytes_up, bytes_down = (up - back, back) if up else (back, down - back)
    return Activity(
        who, device, SERVICES[site], start, start + seconds * SECOND, bytes_up, bytes_down, connections=3
    )


def scan(who: str, device: Device, start: int, hosts: int, ports: int) -> Activity:
    """Knock at ``ports`` ports of each of the first ``hosts`` server addresses, fifty a second.

    A knock is one SYN of 44 bytes; a server that exists refuses with a reset of 40.
    """
    knocks = hosts * ports
    refusals = ports * sum(host <= hosts for host in SERVER_HOSTS)
    end = start + knocks * SECOND // 50
    up, down = KNOCK_BYTES * knocks, REFUSAL_BYTES * refusals
    return Activity(who, device, SERVICES["ServerRoom"], start, end, up, down, knocks)
