"""Silent exporters: a router that stopped reporting while others went on.

What it carries is not seen any more, which somebody may have wanted; more often a configuration was
lost. Only what collectors received counts: an imported capture just ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.analysis.contacts import SECOND
from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.wording import duration_words
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from tidegauge.analysis.activity import Activity

_SQL = """
WITH heard AS (
  SELECT exporter, epoch_ns(min(minute)) AS first_heard, epoch_ns(max(last_received)) AS last_heard
  FROM ledger WHERE exporter IS NOT NULL AND datagrams > 0 AND NOT starts_with(writer, 'import')
    AND epoch_ns(minute) < $until
  GROUP BY exporter
), newest AS (SELECT max(last_heard) AS newest FROM heard)
SELECT CAST(exporter AS BLOB), last_heard, newest FROM heard, newest
WHERE last_heard >= $since AND newest - last_heard >= $silence AND last_heard - first_heard >= $steady
ORDER BY exporter"""


@dataclass(frozen=True, slots=True)
class SilentExporterSettings:
    """What counts as silent."""

    silence_seconds: int = 900
    """Without a datagram, while another exporter is heard; a quiet router with long timeouts takes long."""
    steady_seconds: int = 3600
    """How long it was heard before, so that a test is no router."""


class SilentExporter:
    """An exporter that was heard for long and is not any more, while others are."""

    name = "silent_exporter"
    title = "Exporter silent"
    technique = "T1562"
    unseen = "The silence of a lake's only exporter, and one that came to an end within the range."

    def __init__(self, settings: SilentExporterSettings | None = None) -> None:
        self.settings = settings or SilentExporterSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Exporters whose last datagram came in the range, well before the last of all."""
        values = {
            "since": activity.since,
            "until": activity.until,
            "silence": self.settings.silence_seconds * SECOND,
            "steady": self.settings.steady_seconds * SECOND,
        }
        return [self._finding(*row) for row in activity.rows(_SQL, values)]

    def _finding(self, exporter: bytes, last_heard: int, newest: int) -> Finding:
        actor = text_from_address(exporter)
        return Finding(
            fingerprint=fingerprint(self.name, actor),
            detector=self.name,
            title=self.title,
            severity=Severity.MEDIUM,
            sentence=(
                f"{actor} has sent nothing for {duration_words(newest - last_heard)}, while others have."
            ),
            first_seen=last_heard,
            last_seen=newest,
            count=(newest - last_heard) // SECOND,
            actor=actor,
            targets=(),
            evidence=Evidence(
                filter=f"exporter = {actor}",
                since=last_heard - self.settings.steady_seconds * SECOND,
                until=last_heard + 1,
            ),
            confidence=0.9,
            technique=self.technique,
        )
