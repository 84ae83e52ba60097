"""Beacons: a machine inside that calls one host outside at even intervals, as implants do to ask for orders.

So do programs that look for updates, mail or the time. They are told apart by company: what several machines
here call, or called on earlier days, is software and not an intruder. Intervals are taken between the
beginnings of connections, which a client port tells apart: the slices of one long connection are not calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.analysis.contacts import BEGAN, SECOND
from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.wording import amount_words, count_words, duration_words
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.past import Past

# Names and the time are asked for at even intervals everywhere.
_EVEN_PORTS = (53, 123)

_SQL = f"""
WITH steady AS (
  SELECT client, server, port, protocol FROM contacts WHERE flows_up > knocks AND port NOT IN {_EVEN_PORTS}
  GROUP BY ALL HAVING count(*) >= $slots AND sum(flows_up) >= $calls
), candidate AS (
  SELECT steady.* FROM steady WHERE is_home(client) AND NOT is_home(server)
  AND server IN (SELECT server FROM contacts SEMI JOIN steady USING (server) GROUP BY server
                 HAVING count(DISTINCT client) <= $company)
), call AS (
  SELECT client, server, port, candidate.protocol, src_port, min(began) AS began, sum(bytes) AS bytes
  FROM begun JOIN candidate ON src_addr = client AND dst_addr = server AND dst_port = port
    AND begun.protocol = candidate.protocol
  GROUP BY ALL
), pause AS (
  SELECT *, began - lag(began) OVER (PARTITION BY client, server, port, protocol ORDER BY began) AS pause
  FROM call
), told AS (
  SELECT client, server, port, protocol, count(*) AS calls, CAST(median(pause) AS BIGINT) AS usual,
    mad(pause) / greatest(median(pause), 1) AS unevenness,
    quantile_cont(bytes, 0.9) / greatest(quantile_cont(bytes, 0.1), 1) AS spread,
    sum(bytes) AS bytes, min(began) AS first_seen, max(began) AS last_seen
  FROM pause GROUP BY ALL
)
SELECT CAST(client AS BLOB), CAST(server AS BLOB), protocol, port, calls, usual, bytes, first_seen, last_seen
FROM told WHERE calls >= $calls AND unevenness <= $unevenness AND spread <= $spread
  AND usual BETWEEN $shortest AND $longest
ORDER BY calls DESC, 1, 2, port"""

_CALLED_BEFORE = f"""
SELECT count(DISTINCT {BEGAN} // 86400000000000) FROM flows
WHERE dst_addr = CAST($server AS UUID) AND is_home(src_addr) AND {BEGAN} >= $since AND {BEGAN} < $until"""


@dataclass(frozen=True, slots=True)
class BeaconSettings:
    """What counts as calling at even intervals."""

    calls: int = 20
    """Connections in the range."""
    slots: int = 10
    """Slots of 150 seconds in which there was one."""
    unevenness: float = 0.15
    """Median deviation of the intervals over their median."""
    spread: float = 3.0
    """Bytes of a large call (nine in ten are smaller) over those of a small one."""
    shortest_seconds: int = 5
    """Shorter intervals are a program at work."""
    longest_seconds: int = 7200
    """Longer ones cannot be told from chance within a day."""
    company: int = 2
    """Machines here that may call the same host; with more it is software that everybody has."""
    known_days: int = 3
    """Earlier days on which somebody here called it, after which it is known."""


@dataclass(frozen=True, slots=True)
class _Beacon:
    """Even calls of one machine to one port of one host."""

    client: bytes
    server: bytes
    protocol: int
    port: int
    calls: int
    interval: int
    bytes: int
    first_seen: int
    last_seen: int


class Beacon:
    """A machine inside that calls a host which nobody else here calls, at even intervals."""

    name = "beacon"
    title = "Calls at even intervals"
    technique = "T1071"
    unseen = (
        "Calls that are spread by chance, hosts that several machines here call, intervals above two hours, "
        "and orders fetched over one connection that stays open."
    )

    def __init__(self, settings: BeaconSettings | None = None) -> None:
        self.settings = settings or BeaconSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Even calls to hosts that are not known from earlier days."""
        settings = self.settings
        values = {
            "calls": settings.calls,
            "slots": settings.slots,
            "company": settings.company,
            "unevenness": settings.unevenness,
            "spread": settings.spread,
            "shortest": settings.shortest_seconds * SECOND,
            "longest": settings.longest_seconds * SECOND,
        }
        beacons = [_Beacon(*row) for row in activity.rows(_SQL, values)]
        return [self._finding(each) for each in beacons if not self._is_known(each.server, activity.past)]

    def _is_known(self, server: bytes, past: Past) -> bool:
        days = past.rows(_CALLED_BEFORE, {"server": server.hex(), **past.range_values})[0][0]
        return bool(days >= self.settings.known_days)

    def _finding(self, beacon: _Beacon) -> Finding:
        actor, target = text_from_address(beacon.client), text_from_address(beacon.server)
        span = duration_words(beacon.last_seen - beacon.first_seen)
        return Finding(
            fingerprint=fingerprint(self.name, actor, target, str(beacon.port)),
            detector=self.name,
            title=self.title,
            severity=Severity.LOW,
            sentence=(
                f"{actor} called {target} {count_words(beacon.calls, 'time', 'times')} within {span}, every "
                f"{duration_words(beacon.interval)} and {amount_words(beacon.bytes / beacon.calls)} each; "
                "hardly anybody else here does."
            ),
            first_seen=beacon.first_seen,
            last_seen=beacon.last_seen,
            count=beacon.calls,
            actor=actor,
            targets=(target,),
            evidence=Evidence(
                filter=(
                    f"src_addr = {actor} and dst_addr = {target} and protocol = {beacon.protocol} "
                    f"and dst_port = {beacon.port}"
                ),
                since=beacon.first_seen,
                until=beacon.last_seen + 1,
            ),
            confidence=0.4,
            technique=self.technique,
        )
