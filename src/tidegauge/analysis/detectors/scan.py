"""Scans: one source knocking at many doors, either many ports of few hosts or one port of many hosts.

A knock is a small flow by the side that spoke first and got no answer that carries data. For TCP that
means a SYN without an ACK (or neither SYN, ACK nor RST: the odd scans); a client that connects sends an
ACK, a server's reply carries one. Where an exporter tells no flags, and for UDP, traffic from a
well-known port to a high one counts as a reply. A ping is a knock too, and any reply to it an answer. Answers
are looked for because a DNS resolver, too, sends small flows to one port of many hosts. Peer-to-peer
programs, which knock at one random port of each of many hosts, are told apart by counting only hosts at
which several ports were tried.

The contacts tell which sources knocked at enough doors to be worth a look; only their flows are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.contacts import IS_KNOCK, IS_PING, SLOT, SMALL_FLOW_PACKETS
from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.wording import duration_words
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.analysis.activity import Activity

LARGEST_EMPTY_PACKET_BYTES = 60  # IPv4 and TCP headers with options; a RST or a bare SYN is no answer
SHOWN_TARGETS = 5
NAMED_DOORS = 16
"""How many ports the filter behind a finding names one by one; of more it shows all."""

_PROTOCOLS = {6: "TCP", 17: "UDP"}
_PINGS = "(1, 58)"
# The same in a ping and its reply: joined by anything but equality, a busy pair of hosts takes for ever.
_PORT = f"CASE WHEN protocol IN {_PINGS} THEN 0 ELSE {{}} END"

_TRIED = "src_addr, dst_addr, dst_port, protocol, seen"

# A contact is one door in one slot, so counting contacts never counts too few doors.
# Windows of two slots overlap by one, so that a scan across a border is still seen whole in one of them.
# They are added up by the slot that they end with: to look back from each slot takes far longer.
_SQL = f"""
WITH visit AS (
  SELECT client, slot, count(*) AS doors FROM contacts WHERE knocks > 0 GROUP BY client, slot
), suspect AS (
  SELECT DISTINCT client AS src_addr FROM (
    SELECT client, sum(doors) AS doors FROM (
      SELECT client, unnest([slot, slot + 1]) AS ending, doors FROM visit) GROUP BY client, ending)
  WHERE doors >= least($ports, $hosts)
), probe AS MATERIALIZED (
  SELECT src_addr, dst_addr, dst_port, protocol, began AS seen,
    {_PORT.format("src_port")} AS near_port, {_PORT.format("dst_port")} AS far_port
  FROM begun SEMI JOIN suspect USING (src_addr) WHERE {IS_KNOCK} OR {IS_PING.format("dst_port >> 8")}
), answer AS (
  SELECT src_addr, dst_addr, protocol,
    {_PORT.format("src_port")} AS far_port, {_PORT.format("dst_port")} AS near_port
  FROM flows SEMI JOIN suspect ON flows.dst_addr = suspect.src_addr
  WHERE CASE WHEN protocol IN {_PINGS} THEN dst_port >> 8 IN (0, 129)
             ELSE bytes > packets * {LARGEST_EMPTY_PACKET_BYTES} END
), knock AS MATERIALIZED (
  SELECT probe.*, unnest([seen // {SLOT}, seen // {SLOT} - 1]) AS part
  FROM probe ANTI JOIN answer ON answer.src_addr = probe.dst_addr AND answer.dst_addr = probe.src_addr
    AND answer.far_port = probe.far_port AND answer.near_port = probe.near_port
    AND answer.protocol = probe.protocol
), target AS (
  SELECT src_addr, part, dst_addr, count(DISTINCT dst_port) AS tried
  FROM knock GROUP BY src_addr, part, dst_addr
  HAVING tried >= $ports_per_host
), across_ports AS (
  SELECT src_addr, part FROM target GROUP BY src_addr, part HAVING sum(tried) >= $ports
), across_hosts AS (
  SELECT src_addr, part, protocol, dst_port FROM knock GROUP BY ALL
  HAVING count(DISTINCT dst_addr) >= $hosts
), relevant AS (
  SELECT {_TRIED} FROM knock SEMI JOIN target USING (src_addr, part, dst_addr)
  SEMI JOIN across_ports USING (src_addr, part)
  UNION
  SELECT {_TRIED} FROM knock SEMI JOIN across_hosts USING (src_addr, part, protocol, dst_port)
), pause AS (
  SELECT *, seen - lag(seen) OVER (PARTITION BY src_addr ORDER BY seen) > $pause AS is_long FROM relevant
), episode AS (
  SELECT *, count(*) FILTER (WHERE is_long) OVER (PARTITION BY src_addr ORDER BY seen) AS number FROM pause
)
SELECT CAST(src_addr AS BLOB), is_home(src_addr), min(seen) AS first_seen, max(seen),
  count(DISTINCT (dst_addr, dst_port)) AS tried, count(DISTINCT dst_addr),
  list_slice(list_sort(list(DISTINCT CAST(dst_addr AS BLOB))), 1, {SHOWN_TARGETS}),
  count(DISTINCT (protocol, dst_port)) FILTER (protocol NOT IN {_PINGS}), bool_or(protocol IN {_PINGS}),
  list_slice(list_sort(list(DISTINCT [protocol, dst_port])), 1, {NAMED_DOORS + 1})
FROM episode GROUP BY src_addr, number ORDER BY tried DESC, src_addr, first_seen
"""


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What counts as a scan."""

    ports: int = 64
    """Distinct ports tried within five minutes, over all hosts. nmap's quick scan tries 100, of which those
    that answer do not count."""
    ports_per_host: int = 5
    """Hosts at which fewer ports were tried do not add to ``ports``."""
    hosts: int = 64
    """Distinct hosts tried at one port within five minutes."""
    pause_seconds: int = 1800
    """After such a silence it is another scan."""


@dataclass(frozen=True, slots=True)
class _Episode:
    """What one source did without a long pause; a door is a protocol and port, of which some are named."""

    source: bytes
    is_inside: bool
    first_seen: int
    last_seen: int
    tried: int
    host_count: int
    targets: list[bytes]
    port_count: int
    has_pinged: bool
    doors: list[tuple[int, int]]

    @property
    def actor(self) -> str:
        return text_from_address(self.source)

    def sentence(self) -> str:
        first = text_from_address(self.targets[0])
        hosts = first if self.host_count == 1 else f"{self.host_count:,} addresses"
        span = duration_words(self.last_seen - self.first_seen)
        if not self.port_count:
            return f"{self.actor} pinged {hosts} within {span}."
        verb = "pinged and tried" if self.has_pinged else "tried"
        return f"{self.actor} {verb} {self._ports()} of {hosts} within {span}."

    def _ports(self) -> str:
        if self.port_count > 1:
            return f"{self.port_count:,} ports"
        [(protocol, port)] = [door for door in self.doors if door[0] in _PROTOCOLS]
        return f"{_PROTOCOLS[protocol]} port {port}"

    def filter(self) -> str:
        clauses = [f"src_addr = {self.actor}"]
        if len(self.doors) <= NAMED_DOORS:
            clauses.append(_doors_filter(self.doors))
        if self.host_count == 1:
            clauses.append(f"dst_addr = {text_from_address(self.targets[0])}")
        return " and ".join([*clauses, f"packets <= {SMALL_FLOW_PACKETS}"])


def _doors_filter(doors: Sequence[tuple[int, int]]) -> str:
    by_protocol: dict[int, list[str]] = {}
    for protocol, port in doors:
        by_protocol.setdefault(protocol, []).append(str(port))
    terms = [
        f"protocol = {protocol} and dst_port in [{', '.join(ports)}]"
        if len(ports) > 1
        else f"protocol = {protocol} and dst_port = {ports[0]}"
        for protocol, ports in by_protocol.items()
    ]
    return terms[0] if len(terms) == 1 else f"(({') or ('.join(terms)}))"


class Scan:
    """A source that tries many ports, or many hosts, within five minutes."""

    name = "scan"
    title = "Possible scan"
    technique = "T1046"
    unseen = "A scan that connects fully to open ports only, and one slower than five minutes."

    def __init__(self, settings: ScanSettings | None = None) -> None:
        self.settings = settings or ScanSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Sources that knocked at ``ports`` ports, or at one port of ``hosts`` hosts, in one window.

        What a source does without a pause of ``pause_seconds`` is one finding.
        """
        return [self._finding(_Episode(*row)) for row in activity.rows(_SQL, self._parameters())]

    def _parameters(self) -> dict[str, Any]:
        return {
            "pause": self.settings.pause_seconds * 1_000_000_000,
            "ports": self.settings.ports,
            "ports_per_host": self.settings.ports_per_host,
            "hosts": self.settings.hosts,
        }

    def _finding(self, episode: _Episode) -> Finding:
        return Finding(
            fingerprint=fingerprint(self.name, episode.actor),
            detector=self.name,
            title=self.title,
            # The whole internet is knocked at all day; somebody inside who knocks is news.
            severity=Severity.HIGH if episode.is_inside else Severity.LOW,
            sentence=episode.sentence(),
            first_seen=episode.first_seen,
            last_seen=episode.last_seen,
            count=episode.tried,
            actor=episode.actor,
            targets=tuple(map(text_from_address, episode.targets)),
            evidence=Evidence(filter=episode.filter(), since=episode.first_seen, until=episode.last_seen + 1),
            confidence=min(0.95, round(0.6 + 0.3 * max(0.0, log10(episode.tried / self.settings.hosts)), 2)),
            technique=self.technique if episode.is_inside else "T1595.001",
        )
