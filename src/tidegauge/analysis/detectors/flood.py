"""Floods: one door of one host under so many packets that others may not get in.

Over TCP these are SYNs that are never followed by an ACK, most of what the door gets. Over UDP they are
packets that hardly anything comes back for: a name server's questions are answered, a stream that
somebody asked for is asked for again and again. A ping is answered, so of pings only the number counts.

Two things look alike. A server that is down is called by its own clients in vain: who connected on earlier
days is no attacker. And what a door gets every day, measurements or logs, is not more than usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.contacts import BEGAN, BYTES, ENDED, SECOND, SLOT, SYN_ALONE
from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.past import uuid_of
from tidegauge.analysis.wording import count_words, duration_words
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.past import Past

SHOWN_SOURCES = 5
_TCP, _UDP = 6, 17
_PINGS = {1: 0x0800, 58: 0x8000}  # what a flow holds in the place of a port: type and code
_NAMES = {_TCP: "TCP", _UDP: "UDP"}
# Streams to a group, and a local network's broadcasts, are meant for many and answered by none.
_IS_ONE_HOST = """\
NOT server BETWEEN '00000000-0000-0000-0000-ffffe0000000'::UUID
  AND '00000000-0000-0000-0000-ffffffffffff'::UUID
  AND server < 'ff000000-0000-0000-0000-000000000000'::UUID"""
_COUNTED = f"(protocol <> {_TCP} OR {SYN_ALONE})"
_PACKETS = BYTES.format("coalesce(packets, 0)")
_MOST = 2**62  # a hostile record may claim more packets than a number holds

# Of two slots that together hold enough, one holds half of it; few doors come that far.
_SQL = f"""
WITH slot AS MATERIALIZED (
  SELECT server, protocol, port, slot, sum(syns) AS syns, sum(knocks) AS knocks, sum(flows_up) AS flows_up,
    sum(flows_down) AS flows_down, sum(packets_up) AS packets_up, sum(packets_down) AS packets_down
  FROM contacts WHERE protocol IN (1, {_TCP}, {_UDP}, 58) AND {_IS_ONE_HOST} GROUP BY ALL
), busy AS (
  SELECT DISTINCT server, protocol, port FROM slot WHERE CASE protocol
    WHEN {_TCP} THEN syns >= $syns / 2
    WHEN {_UDP} THEN knocks >= $datagrams / 2 OR packets_up >= $packets / 2
    ELSE packets_up >= $packets / 2 END
), near AS (
  SELECT server, protocol, port, sum(syns) OVER slots AS syns, sum(knocks) OVER slots AS knocks,
    sum(flows_up) OVER slots AS flows_up, sum(flows_down) OVER slots AS flows_down,
    sum(packets_up) OVER slots AS packets_up, sum(packets_down) OVER slots AS packets_down
  FROM slot SEMI JOIN busy USING (server, protocol, port)
  WINDOW slots AS (
    PARTITION BY server, protocol, port ORDER BY slot RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)
), door AS (
  SELECT DISTINCT server, protocol, port FROM near WHERE CASE protocol
    WHEN {_TCP} THEN syns >= $syns AND syns >= packets_up * $share
    WHEN {_UDP} THEN knocks >= $datagrams AND flows_down <= flows_up * $answered
      OR packets_up >= $packets AND packets_down <= packets_up * $answered
    ELSE packets_up >= $packets END
), sent AS (
  SELECT server, begun.protocol, port, src_addr, began, {ENDED} AS ended, {_PACKETS} AS packets
  FROM begun JOIN door ON dst_addr = server AND begun.protocol = door.protocol
    AND CASE WHEN begun.protocol IN ({_TCP}, {_UDP}) THEN dst_port = port ELSE dst_port >> 8 IN (8, 128) END
  WHERE {_COUNTED.replace("protocol", "begun.protocol")}
), pause AS (
  SELECT *, began - lag(began) OVER calls > $pause AS is_long FROM sent
  WINDOW calls AS (PARTITION BY server, protocol, port ORDER BY began)
), episode AS (
  SELECT *, count(*) FILTER (WHERE is_long) OVER (
    PARTITION BY server, protocol, port ORDER BY began) AS number FROM pause
), slots AS (
  SELECT server, protocol, port, number, max(packets) AS peak FROM (
    SELECT server, protocol, port, number, sum(packets) AS packets FROM episode
    GROUP BY server, protocol, port, number, began // {SLOT}) GROUP BY ALL
), sources AS (
  SELECT server, protocol, port, number, src_addr, sum(packets) AS packets, min(began) AS began,
    max(ended) AS ended FROM episode GROUP BY ALL
), told AS (
  SELECT server, protocol, port, number, sum(packets) AS packets, count(*) AS sources,
    list(CAST(src_addr AS BLOB) ORDER BY packets DESC, src_addr)[:$shown] AS loudest,
    max(packets) AS most, min(began) AS first_seen, max(ended) AS last_seen
  FROM sources GROUP BY ALL
)
SELECT CAST(server AS BLOB), is_home(server), protocol, port, CAST(least(packets, {_MOST}) AS BIGINT),
  sources, loudest, CAST(least(most, {_MOST}) AS BIGINT), first_seen, last_seen,
  CAST(least(peak, {_MOST}) AS BIGINT)
FROM told JOIN slots USING (server, protocol, port, number)
WHERE packets >= CASE protocol WHEN {_TCP} THEN $syns WHEN {_UDP} THEN $datagrams ELSE $packets END
ORDER BY packets DESC, 1, protocol, port, first_seen"""

_DOOR = f"""\
dst_addr = CAST($server AS UUID) AND protocol = $protocol AND (dst_port = $port OR $port = 0)
  AND {BEGAN} >= $since AND {BEGAN} < $until"""

_USUAL = f"""
SELECT coalesce(max(packets), 0) FROM (
  SELECT sum({_PACKETS}) AS packets FROM flows WHERE {_DOOR} AND {_COUNTED} GROUP BY {BEGAN} // {SLOT})"""

_KNOWN = f"""
SELECT count(DISTINCT src_addr) FROM flows
WHERE {_DOOR} AND tcp_flags & 16 <> 0 AND src_addr IN (SELECT CAST(unnest($sources) AS UUID))"""


@dataclass(frozen=True, slots=True)
class FloodSettings:
    """What counts as a flood of one door within five minutes."""

    syns: int = 1000
    """Packets of TCP flows that have a SYN and no ACK."""
    share: float = 0.5
    """Of the packets that a TCP door gets, how many are such; a door that serves more is not flooded."""
    datagrams: int = 1000
    """Small UDP flows that nothing comes back for."""
    packets: int = 300_000
    """Packets in few UDP flows that hardly anything comes back for, or pings: a thousand a second."""
    answered: float = 0.1
    """Flows, or packets, that come back for one sent, up to which that is hardly anything."""
    ratio: float = 3.0
    """Times the largest such slot of 150 seconds of the past, up to which it is usual."""
    known_share: float = 0.5
    """Of the loudest sources, how many may have connected there before: they call a server that is down."""
    lone_share: float = 0.9
    """Packets from one source, of all, from which it is said to be the one who floods."""
    pause_seconds: int = 1800
    """After such a silence it is another flood."""


@dataclass(frozen=True, slots=True)
class _Flood:
    """What one door got without a long pause; ``loudest`` are some of its sources, those that sent most."""

    server: bytes
    is_home: bool
    protocol: int
    port: int
    packets: int
    source_count: int
    loudest: list[bytes]
    most: int
    first_seen: int
    last_seen: int
    peak: int

    @property
    def victim(self) -> str:
        return text_from_address(self.server)

    def sentence(self, lone: str | None) -> str:
        who = lone or count_words(self.source_count, "address", "addresses")
        span = duration_words(self.last_seen - self.first_seen)
        if self.protocol in _PINGS:
            return f"{who} sent {self.packets:,} pings to {self.victim} within {span}."
        door = f"{_NAMES[self.protocol]} port {self.port} of {self.victim}"
        if self.protocol == _TCP:
            return f"{who} sent {self.packets:,} packets to {door} within {span} and opened no connection."
        return f"{who} sent {self.packets:,} packets to {door} within {span}; hardly anything came back."

    def filter(self, lone: str | None) -> str:
        clauses = [f"src_addr = {lone}"] if lone else []
        clauses += [f"dst_addr = {self.victim}", f"protocol = {self.protocol}"]
        clauses.append(f"dst_port = {_PINGS.get(self.protocol, self.port)}")
        if self.protocol == _TCP:
            clauses.append("flags S and not flags A")
        return " and ".join(clauses)


class Flood:
    """A door that gets far more than it answers, or ever got."""

    name = "flood"
    title = "Flood"
    technique = "T1498.001"
    unseen = (
        "A flood below the threshold, one of complete requests, one spread over many ports, one that the "
        "exporter's sampling or its full flow table hid, and SYNs where it tells no TCP flags."
    )

    def __init__(self, settings: FloodSettings | None = None) -> None:
        self.settings = settings or FloodSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Doors that are flooded, by anyone or by many."""
        floods = [_Flood(*row) for row in activity.rows(_SQL, self._parameters())]
        return [self._finding(each) for each in floods if not self._is_usual(each, activity.past)]

    def _parameters(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "syns": settings.syns,
            "share": settings.share,
            "datagrams": settings.datagrams,
            "packets": settings.packets,
            "answered": settings.answered,
            "pause": settings.pause_seconds * SECOND,
            "shown": SHOWN_SOURCES,
        }

    def _is_usual(self, flood: _Flood, past: Past) -> bool:
        door = {
            "server": uuid_of(flood.server),
            "protocol": flood.protocol,
            "port": flood.port,
            **past.range_values,
        }
        if flood.peak <= past.rows(_USUAL, door)[0][0] * self.settings.ratio:
            return True
        if flood.protocol != _TCP:
            return False
        known = past.rows(_KNOWN, {**door, "sources": list(map(uuid_of, flood.loudest))})[0][0]
        return bool(known > len(flood.loudest) * self.settings.known_share)

    def _finding(self, flood: _Flood) -> Finding:
        is_lone = flood.most >= flood.packets * self.settings.lone_share
        lone = text_from_address(flood.loudest[0]) if is_lone else None
        return Finding(
            fingerprint=fingerprint(
                self.name, lone or "", flood.victim, str(flood.protocol), str(flood.port)
            ),
            detector=self.name,
            title=self.title if is_lone else "Flood from many addresses",
            severity=Severity.HIGH,
            sentence=flood.sentence(lone),
            first_seen=flood.first_seen,
            last_seen=flood.last_seen,
            count=flood.packets,
            actor=lone or flood.victim,
            targets=(flood.victim,),
            evidence=Evidence(filter=flood.filter(lone), since=flood.first_seen, until=flood.last_seen + 1),
            confidence=0.9 if flood.packets >= 10 * self.settings.syns else 0.7,
            technique=self.technique if flood.protocol != _TCP else "T1499.001",
        )
