"""The log of dnsmasq and of Pi-hole's FTL: leases as they are given, and names as they are asked for.

With ``log-queries`` a question is one line and each record of its answer another; only the question says
who asked. With ``log-queries=extra`` (Pi-hole's way) every line carries the question's number. The log has
no times to live, and dnsmasq logs in the order in which it works, so an answer's lines stand together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from tidegauge.names.address import packed_address
from tidegauge.names.answers import Answers, Record
from tidegauge.names.lease import HOLD, Lease, bindings_of_lease, bindings_of_release
from tidegauge.names.lines import first_lines, lines
from tidegauge.names.log_time import SYSLOG_TIME, instant_from_syslog
from tidegauge.names.mac import mac_from_duid, mac_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

_LINE = re.compile(
    rf"({SYSLOG_TIME}) (?:\S+ )?dnsmasq(-dhcp)?(?:\[\d+\])?: (?:(\d+) (?:([0-9a-fA-F.:]+)/\d+ )?)?(\S+) (.*)"
)
_QUESTION = re.compile(r"query\[(\w+)\]")
_LEASE = re.compile(r"DHCP(ACK|REPLY|RELEASE)\([^)]*\)")
_ANSWER_WORDS = {"reply", "cached", "cached-stale", "config", "DHCP"}


class DnsmasqLog:
    """What was lent, asked and answered, line by line."""

    name = "dnsmasq-log"
    title = "dnsmasq or Pi-hole log"

    def recognises(self, head: bytes) -> bool:
        """Whether one of the first lines was written by dnsmasq; others may share the log."""
        return any(_LINE.fullmatch(line) for line in first_lines(head))

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield leases, and answers under the names that were asked."""
        answers = Answers()
        for line in lines(stream, provenance.refused):
            if not (found := _LINE.fullmatch(line)):
                continue
            at = instant_from_syslog(found[1], provenance.zone, provenance.written)
            if at is None:
                provenance.refused["no time"] += 1
            elif found[2]:
                yield from self._lent(found[5], found[6], at)
            else:
                yield from _answered(found, at, answers)

    def _lent(self, event: str, rest: str, at: int) -> Iterator[Binding]:
        kind = _LEASE.fullmatch(event)
        words = rest.split()
        address = packed_address(words[0]) if words else None
        if kind is None or address is None:
            return
        if kind[1] == "RELEASE":
            yield from bindings_of_release(address, at)
            return
        identity = words[1] if len(words) > 1 else ""
        mac = mac_from_text(identity) or mac_from_duid(identity)
        host_name = words[2] if len(words) > 2 else None  # noqa: PLR2004 (address, identity, name)
        yield from bindings_of_lease(Lease(address, mac, host_name, at, at + HOLD))


def _answered(found: re.Match[str], at: int, answers: Answers) -> Iterator[Binding]:
    number, verb, rest = found[3], found[5], found[6]
    if question := _QUESTION.fullmatch(verb):
        name, _, client = rest.partition(" from ")
        answers.ask(name, question[1], number, packed_address(client))
        return
    name, said, value = rest.partition(" is ")
    # A file of hosts stands where else a word such as "cached" does.
    if said and (verb in _ANSWER_WORDS or verb.startswith("/")):
        yield from answers.answer(Record(name, value, number, at))
    else:
        answers.interrupt()
