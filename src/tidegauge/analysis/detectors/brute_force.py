"""Brute force: many short sessions to a port that asks for a password.

A flow does not say that a password was wrong. A program that tries passwords shows otherwise: one session
after the other, each complete, brief, small and about as large as the last. A long session to the
same door afterwards may mean that one fitted. Slices of one connection (the exporter's active timeout)
are put together first, or a single long session would look like many.

What a machine inside did to the same door on other days as well is its work (backups, monitoring,
deployments) and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.contacts import BEGAN, ENDED, SECOND, SLOT
from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.wording import amount_words, count_words, duration_words
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.past import Past

LOGIN_PORTS = {
    21: "FTP", 22: "SSH", 23: "telnet", 25: "SMTP", 110: "POP3", 139: "SMB", 143: "IMAP", 445: "SMB",
    465: "SMTP", 587: "SMTP", 993: "IMAP", 995: "POP3", 1433: "SQL Server", 1521: "Oracle", 3306: "MySQL",
    3389: "remote desktop",
    5432: "PostgreSQL", 5900: "VNC", 5985: "WinRM", 6379: "Redis", 27017: "MongoDB",
}  # fmt: skip
WEB_PORTS = {80: "HTTP", 443: "HTTPS", 8080: "HTTP", 8443: "HTTPS"}
"""Ports behind which a page may ask for a password, and much else goes on: it takes more to be told."""
SHOWN_TARGETS = 5

_DOORS = LOGIN_PORTS | WEB_PORTS
_PORTS = ", ".join(map(str, LOGIN_PORTS))
_WEB_PORTS = ", ".join(map(str, WEB_PORTS))
# Packets pass in bursts, so the next slice begins within seconds of the last one's end.
_SLICE_PAUSE = 60 * SECOND

_IS_ASKED_HERE = f"(dst_port IN ({_PORTS}) OR is_home(dst_addr))"

_TRIES = f"""
slice AS (
  SELECT src_addr AS client, dst_addr AS server, dst_port AS port, src_port, began, {ENDED} AS ended,
    packets, bytes, began - lag({ENDED}) OVER connection > {_SLICE_PAUSE} AS is_anew
  FROM begun SEMI JOIN suspect ON {{on}}
  WHERE protocol = 6
  WINDOW connection AS (PARTITION BY src_addr, dst_addr, dst_port, src_port ORDER BY began)
), numbered AS (
  SELECT *, count(*) FILTER (WHERE is_anew) OVER (
    PARTITION BY client, server, port, src_port ORDER BY began) AS number FROM slice
), session AS MATERIALIZED (
  SELECT client, server, port, src_port, min(began) AS began, max(ended) AS ended, sum(packets) AS packets,
    sum(bytes) AS bytes
  FROM numbered GROUP BY client, server, port, src_port, number
), try AS (
  SELECT * FROM session WHERE packets BETWEEN $least_packets AND $most_packets
    AND ended - began <= $longest
)"""

_EPISODES = """
burst AS (
  SELECT *, count(*) OVER (
      PARTITION BY {key} ORDER BY began RANGE BETWEEN $window PRECEDING AND $window FOLLOWING) AS near,
    began - lag(began) OVER (PARTITION BY {key} ORDER BY began) > $pause AS is_anew
  FROM try
), episode AS MATERIALIZED (
  SELECT *, count(*) FILTER (WHERE is_anew) OVER (PARTITION BY {key} ORDER BY began) AS number FROM burst
), told AS (
  SELECT {key}, number, min(began) AS first_seen, max(ended) AS last_seen, count(*) AS tries,
    max(near) AS near, count(DISTINCT client) AS clients, count(DISTINCT server) AS servers,
    list_slice(list_sort(list(DISTINCT CAST(server AS BLOB))), 1, $shown) AS targets,
    quantile_cont(bytes, 0.9) / greatest(quantile_cont(bytes, 0.1), 1) AS spread
  FROM episode GROUP BY ALL
)"""

_LEAST_TRIES = f"CASE WHEN port IN ({_WEB_PORTS}) THEN $web_tries ELSE $tries END"

_BY_SOURCE = f"""
WITH asked AS (
  SELECT client, port, slot, sum(flows_up) AS flows FROM contacts
  WHERE protocol = 6 AND (port IN ({_PORTS}) OR port IN ({_WEB_PORTS}) AND is_home(server)) GROUP BY ALL
), suspect AS (
  SELECT DISTINCT client, port FROM (
    SELECT client, port, sum(flows) OVER (
      PARTITION BY client, port ORDER BY slot RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) AS flows FROM asked)
  WHERE flows >= {_LEAST_TRIES}
), {_TRIES.format(on=f"src_addr = suspect.client AND dst_port = suspect.port AND {_IS_ASKED_HERE}")},
{_EPISODES.format(key="client, port")}
SELECT CAST(told.client AS BLOB), told.port, is_home(told.client), tries, servers, targets, first_seen,
  last_seen, count(session.began), max(session.ended - session.began), max(session.bytes),
  max(session.ended)
FROM told LEFT JOIN session ON session.client = told.client AND session.port = told.port
  AND session.packets > $most_packets AND session.ended - session.began > $longest
  AND session.began > told.first_seen AND session.began <= told.last_seen + $pause
WHERE near >= {_LEAST_TRIES.replace("port", "told.port")} AND spread <= $spread
GROUP BY ALL ORDER BY 4 DESC, 1, 2, first_seen"""

_BY_TARGET = f"""
WITH asked AS (
  SELECT server, port, slot, sum(flows_up) AS flows, count(DISTINCT client) AS clients FROM contacts
  WHERE protocol = 6 AND port IN ({_PORTS}) AND is_home(server) GROUP BY ALL
), suspect AS (
  SELECT DISTINCT server, port FROM asked WHERE flows >= $joint_tries / 3 AND clients >= $sources / 3
), {_TRIES.format(on="dst_addr = suspect.server AND dst_port = suspect.port")},
{_EPISODES.format(key="server, port")}
SELECT CAST(server AS BLOB), port, tries, clients, first_seen, last_seen FROM told
WHERE near >= $joint_tries AND clients >= $sources AND tries / clients < $tries AND spread <= $spread
ORDER BY 3 DESC, 1, 2, first_seen"""

_ROUTINE = f"""
SELECT count(*) FROM (
  SELECT {BEGAN} // 86400000000000 AS day, count(DISTINCT src_port) AS sessions FROM flows
  WHERE src_addr = CAST($client AS UUID) AND dst_port = $port AND protocol = 6 AND packets <= $most_packets
    AND {BEGAN} >= $since AND {BEGAN} < $until
  GROUP BY day HAVING sessions >= $tries)"""


@dataclass(frozen=True, slots=True)
class BruteForceSettings:
    """What counts as trying passwords."""

    tries: int = 20
    """Short sessions of one source to one port within five minutes, over all hosts."""
    web_tries: int = 400
    """The same to a web server here: programs that ask every second for news stay below."""
    joint_tries: int = 100
    """Short sessions to one port of one host by many sources within five minutes."""
    sources: int = 10
    """Sources that are many."""
    least_packets: int = 5
    """A session with fewer packets from the client never came to a password."""
    most_packets: int = 60
    """A session with more is more than a try."""
    longest_seconds: int = 60
    """A session that lasts longer is more than a try."""
    spread: float = 3.0
    """Bytes of a large try (nine in ten are smaller) over those of a small one: programs vary little."""
    pause_seconds: int = 1800
    """After such a silence it is another attack."""
    routine_days: int = 2
    """Earlier days with as many tries after which a machine inside is left alone."""


@dataclass(frozen=True, slots=True)
class _Attack:
    """What one source did at one port without a long pause; the last four are of long sessions meanwhile."""

    source: bytes
    port: int
    is_inside: bool
    tries: int
    host_count: int
    targets: list[bytes]
    first_seen: int
    last_seen: int
    successes: int
    longest: int | None
    largest: int | None
    ended: int | None

    @property
    def actor(self) -> str:
        return text_from_address(self.source)

    def sentence(self) -> str:
        first = text_from_address(self.targets[0])
        where = first if self.host_count == 1 else count_words(self.host_count, "address", "addresses")
        told = (
            f"{self.actor} began {count_words(self.tries, 'short session', 'short sessions')} to "
            f"{_DOORS[self.port]} at {where} within {duration_words(self.last_seen - self.first_seen)}"
        )
        if not self.successes:
            return f"{told}."
        length, amount = duration_words(self.longest or 0), amount_words(self.largest or 0)
        return f"{told}, and one that lasted {length} and sent {amount}: somebody may have got in."

    def evidence(self) -> Evidence:
        clauses = [f"src_addr = {self.actor}", "protocol = 6", f"dst_port = {self.port}"]
        named = [text_from_address(target) for target in self.targets]
        if self.host_count == 1:
            clauses.append(f"dst_addr = {named[0]}")
        elif self.host_count <= SHOWN_TARGETS:
            clauses.append(f"dst_addr in [{', '.join(named)}]")
        until = max(self.last_seen, self.ended or 0) + 1
        return Evidence(filter=" and ".join(clauses), since=self.first_seen, until=until)


class BruteForce:
    """A source, or many together, that try passwords."""

    name = "brute_force"
    title = "Passwords being tried"
    technique = "T1110"
    unseen = (
        "Attempts slower than the threshold, many attempts inside one session (web forms, some mail "
        "servers), and routers that report only the answers."
    )

    def __init__(self, settings: BruteForceSettings | None = None) -> None:
        self.settings = settings or BruteForceSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Sources that tried often, then hosts at which many tried a little."""
        attacks = [_Attack(*row) for row in activity.rows(_BY_SOURCE, self._parameters("tries", "web_tries"))]
        found = [self._finding(each) for each in attacks if not self._is_routine(each, activity.past)]
        joint = activity.rows(_BY_TARGET, self._parameters("tries", "joint_tries", "sources"))
        return found + [self._joint_finding(*row) for row in joint]

    def _parameters(self, *thresholds: str) -> dict[str, Any]:
        settings = self.settings
        return {
            "window": SLOT,
            "pause": settings.pause_seconds * SECOND,
            "longest": settings.longest_seconds * SECOND,
            "least_packets": settings.least_packets,
            "most_packets": settings.most_packets,
            "spread": settings.spread,
            "shown": SHOWN_TARGETS,
            **{name: getattr(settings, name) for name in thresholds},
        }

    def _is_routine(self, attack: _Attack, past: Past) -> bool:
        if not attack.is_inside:
            return False
        values = {
            "client": attack.source.hex(),
            "port": attack.port,
            "most_packets": self.settings.most_packets,
            "tries": self.settings.tries,
            **past.range_values,
        }
        return bool(past.rows(_ROUTINE, values)[0][0] >= self.settings.routine_days)

    def _finding(self, attack: _Attack) -> Finding:
        is_severe = attack.is_inside or attack.successes
        return Finding(
            fingerprint=fingerprint(self.name, attack.actor, str(attack.port)),
            detector=self.name,
            title="Passwords tried, then a long session" if attack.successes else self.title,
            # Whatever faces the internet is tried all day; from inside, or with a result, it is news.
            severity=Severity.HIGH if is_severe else Severity.LOW,
            sentence=attack.sentence(),
            first_seen=attack.first_seen,
            last_seen=max(attack.last_seen, attack.ended or 0),
            count=attack.tries,
            actor=attack.actor,
            targets=tuple(map(text_from_address, attack.targets)),
            evidence=attack.evidence(),
            confidence=0.8 if attack.tries >= 3 * self.settings.tries else 0.6,
            technique="T1110.003" if attack.host_count > SHOWN_TARGETS else "T1110.001",
        )

    def _joint_finding(
        self, target: bytes, port: int, tries: int, clients: int, first_seen: int, last_seen: int
    ) -> Finding:
        host = text_from_address(target)
        sentence = (
            f"{count_words(clients, 'address', 'addresses')} together began "
            f"{count_words(tries, 'short session', 'short sessions')} to {LOGIN_PORTS[port]} at {host} "
            f"within {duration_words(last_seen - first_seen)}."
        )
        return Finding(
            fingerprint=fingerprint(self.name, "joint", host, str(port)),
            detector=self.name,
            title="Passwords being tried by many",
            severity=Severity.MEDIUM,
            sentence=sentence,
            first_seen=first_seen,
            last_seen=last_seen,
            count=tries,
            actor=host,
            targets=(host,),
            evidence=Evidence(
                filter=f"dst_addr = {host} and protocol = 6 and dst_port = {port}",
                since=first_seen,
                until=last_seen + 1,
            ),
            confidence=0.6,
            technique=self.technique,
        )
