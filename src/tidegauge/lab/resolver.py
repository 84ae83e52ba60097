"""The office's resolver: what clients ask it, what it answers, and what it writes down about it.

The log is that of dnsmasq 2.90 with ``log-queries=extra``, word for word: each line has the number of the
query and who asked, so an answer can be told from another client's that came at the same moment.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import text_from_address
from tidegauge.lab.activity import SECOND
from tidegauge.lab.conversation import EPHEMERAL_PORTS

if TYPE_CHECKING:
    from random import Random

    from tidegauge.lab.hosts import Host
    from tidegauge.lab.journal import Journal

UPSTREAM = "9.9.9.9"
PROGRAM = "dnsmasq"


class Resolver:
    """Answers for names, from memory where it can. Questions must come by time."""

    def __init__(self, journal: Journal, random: Random) -> None:
        self._journal = journal
        self._random = random
        self._numbers = count(1)
        self._kept_until: dict[str, int] = {}

    def knows(self, host: Host, moment: int) -> bool:
        """Whether no other resolver need be asked for ``host``."""
        return host.is_local or self._kept_until.get(host.name, 0) > moment

    def answer(self, client: bytes, host: Host, moment: int) -> int:
        """Answer ``client``, which asks for both kinds of address; returns until when it may keep them."""
        source = "/etc/hosts" if host.is_local else "cached" if self.knows(host, moment) else "reply"
        if source == "reply":
            self._kept_until[host.name] = moment + host.ttl_seconds * SECOND
        asked_by = text_from_address(client)
        port = self._random.randint(*EPHEMERAL_PORTS)
        for kind in ("A", "AAAA"):
            start = f"{next(self._numbers)} {asked_by}/{port}"
            self._note(moment, f"{start} query[{kind}] {host.name} from {asked_by}")
            if source == "reply":
                self._note(moment, f"{start} forwarded {host.name} to {UPSTREAM}")
            for line in _answers(host, kind, source):
                self._note(moment, f"{start} {line}")
        return self._kept_until.get(host.name, moment + host.ttl_seconds * SECOND)

    def _note(self, moment: int, text: str) -> None:
        self._journal.note(moment, PROGRAM, text)


@cache
def _answers(host: Host, kind: str, source: str) -> tuple[str, ...]:
    """Tell the chain of names, and the addresses of the last; absence is an answer too."""
    names = (host.name, *host.aliases)
    lines = [f"{source} {name} is <CNAME>" for name in names[:-1]]
    addresses = host.ipv4 if kind == "A" else host.ipv6
    lines += [f"{source} {names[-1]} is {text_from_address(address)}" for address in addresses]
    if not addresses:
        family = "IPv4" if kind == "A" else "IPv6"
        lines.append(f"{'config' if host.is_local else source} {names[-1]} is NODATA-{family}")
    return tuple(lines)
