"""DNS tunnels: data carried out in the names that are asked for.

A question for a name takes 60 to 80 bytes, one that carries data as many as fit. Flows do not hold the
names, so what is seen is many questions to one resolver that are large on average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.wording import amount_words, count_words, duration_words
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from tidegauge.analysis.activity import Activity

_UDP, _DNS = 17, 53

_SQL = f"""
WITH asked AS (
  SELECT client, server, sum(packets) AS questions, sum(bytes) AS bytes, min(began) AS first_seen,
    max(began) AS last_seen
  FROM begun JOIN (
    SELECT DISTINCT client, server FROM contacts WHERE protocol = {_UDP} AND port = {_DNS} AND is_home(client)
    GROUP BY client, server, slot HAVING sum(bytes_up) >= $bytes
  ) AS busy ON src_addr = client AND dst_addr = server
  WHERE protocol = {_UDP} AND dst_port = {_DNS} GROUP BY client, server
)
SELECT CAST(client AS BLOB), CAST(server AS BLOB), CAST(questions AS BIGINT), CAST(bytes AS BIGINT),
  first_seen, last_seen
FROM asked WHERE questions >= $questions AND bytes >= questions * $mean_bytes ORDER BY bytes DESC, 1, 2"""


@dataclass(frozen=True, slots=True)
class DnsTunnelSettings:
    """What counts as data in names."""

    bytes: int = 50_000
    """Bytes of questions to one resolver within 150 seconds, below which nothing is looked at."""
    questions: int = 200
    """Questions to it in the range."""
    mean_bytes: int = 130
    """Bytes of a question on average, IP and UDP headers included."""


class DnsTunnel:
    """A machine inside whose questions to a name server are many and large."""

    name = "dns_tunnel"
    title = "Large questions for names"
    technique = "T1071.004"
    unseen = "A slow tunnel, one in the answers alone, one over encrypted DNS, and what names were asked for."

    def __init__(self, settings: DnsTunnelSettings | None = None) -> None:
        self.settings = settings or DnsTunnelSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Machines and the resolvers they ask."""
        values = {
            "bytes": self.settings.bytes,
            "questions": self.settings.questions,
            "mean_bytes": self.settings.mean_bytes,
        }
        return [self._finding(*row) for row in activity.rows(_SQL, values)]

    def _finding(
        self, client: bytes, server: bytes, questions: int, size: int, first_seen: int, last_seen: int
    ) -> Finding:
        actor, target = text_from_address(client), text_from_address(server)
        return Finding(
            fingerprint=fingerprint(self.name, actor, target),
            detector=self.name,
            title=self.title,
            severity=Severity.MEDIUM,
            sentence=(
                f"{actor} asked {target} for {count_words(questions, 'name', 'names')} within "
                f"{duration_words(last_seen - first_seen)}, {amount_words(size / questions)} each: "
                "names that long may carry data."
            ),
            first_seen=first_seen,
            last_seen=last_seen,
            count=questions,
            actor=actor,
            targets=(target,),
            evidence=Evidence(
                filter=(
                    f"src_addr = {actor} and dst_addr = {target} and protocol = {_UDP} and dst_port = {_DNS}"
                ),
                since=first_seen,
                until=last_seen + 1,
            ),
            confidence=0.6,
            technique=self.technique,
        )
