"""Uploads: much sent out by one machine inside, to where nobody here sends things.

Large uploads are everyday life: backups, videos, meetings. What is not is one that is larger than
anything this machine sent on any day before, to a network that the office did not send to. Cloud services
change addresses within a network from day to day, hence networks and not addresses: the first 16 bits of
IPv4, 32 of IPv6.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.wording import amount_words, count_words, duration_words
from tidegauge.flow.addresses import BITS, Network, text_from_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.past import Past, Volume

SHOWN_TARGETS = 5
_HOURS_A_DAY = 24
_V4_BITS, _V6_BITS = 112, 32

_SQL = """
WITH busy AS (
  SELECT address FROM hours GROUP BY address HAVING sum(bytes_up) >= $minimum_bytes
), sent AS (
  SELECT *, CAST(server AS UHUGEINT) // 4294967296 = 65535 AS is_v4
  FROM contacts SEMI JOIN busy ON client = address WHERE is_home(client) AND NOT is_home(server)
)
SELECT CAST(client AS BLOB), is_v4, min(CAST(server AS BLOB)), sum(bytes_up) AS up, sum(bytes_down) AS down,
  count(DISTINCT server), list_slice(list_sort(list(DISTINCT CAST(server AS BLOB))), 1, $shown),
  min(first_seen) FILTER (bytes_up > 0), max(last_seen) FILTER (bytes_up > 0)
FROM sent
GROUP BY client, is_v4, CAST(server AS UHUGEINT) >> CAST(CASE WHEN is_v4 THEN 16 ELSE 96 END AS UHUGEINT)
HAVING up >= $minimum_bytes AND up >= down * $ratio
ORDER BY up DESC, 1, 3"""


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """What counts as an unusual upload."""

    minimum_bytes: int = 500_000_000
    """Bytes sent to one network, below which nothing is said."""
    ratio: float = 5.0
    """Bytes up over bytes down: a meeting sends and gets alike."""
    history_days: int = 3
    """Earlier days with traffic of the machine, below which nobody can say what is usual for it."""
    bold_bytes: int = 1_000_000_000
    """Bytes from which an upload is told even then, once, as one that nobody can judge yet."""
    known_bytes: int = 50_000_000
    """Bytes a day that the office sends to a network it knows."""
    known_days: int = 2
    """Days on which it did so."""


@dataclass(frozen=True, slots=True)
class _Upload:
    """What one machine sent to one network."""

    source: bytes
    is_v4: bool
    lowest: bytes
    up: float
    down: float
    host_count: int
    targets: list[bytes]
    first_seen: int
    last_seen: int

    @property
    def actor(self) -> str:
        return text_from_address(self.source)

    @property
    def network(self) -> Network:
        length = _V4_BITS if self.is_v4 else _V6_BITS
        address = int.from_bytes(self.lowest, "big")
        return Network(address >> (BITS - length) << (BITS - length), length)

    @property
    def where(self) -> str:
        return text_from_address(self.targets[0]) if self.host_count == 1 else str(self.network)

    def sentence(self, judgement: str) -> str:
        span = duration_words(self.last_seen - self.first_seen)
        place = self.where
        if self.host_count > 1:
            place = f"{count_words(self.host_count, 'address', 'addresses')} in {place}"
        back = amount_words(self.down)
        told = f"{self.actor} sent {amount_words(self.up)} to {place} within {span} and got {back} back."
        return f"{told} {judgement}"


class Upload:
    """A machine inside that sends out far more than it ever did, to where nobody here sends things."""

    name = "upload"
    title = "Unusual upload"
    technique = "T1048"
    unseen = (
        "What leaves in small parts, through a service that the office uses anyway, by a machine inside that "
        "is fetched from, and over a tunnel."
    )

    def __init__(self, settings: UploadSettings | None = None) -> None:
        self.settings = settings or UploadSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Uploads that history does not explain; without history only the very large."""
        settings = self.settings
        values = {"minimum_bytes": settings.minimum_bytes, "ratio": settings.ratio, "shown": SHOWN_TARGETS}
        uploads = [_Upload(*row) for row in activity.rows(_SQL, values)]
        if not uploads:
            return []
        history = activity.past.hourly(activity.names({upload.source for upload in uploads}))
        judged = [self._judged(upload, history.get(upload.source, {}), activity.past) for upload in uploads]
        return [finding for finding in judged if finding is not None]

    def _judged(self, upload: _Upload, history: Mapping[int, Volume], past: Past) -> Finding | None:
        days = _sent_by_day(history)
        count = count_words(len(days), "day", "days")
        if len(days) < self.settings.history_days:
            young = f"With {count} of history nobody can say whether that is usual for it."
            is_bold = upload.up >= self.settings.bold_bytes
            # What went on yesterday as well was told then: a nightly copy is news once.
            is_news = is_bold and not past.days_sent(upload.network, round(upload.up / 2))
            return self._finding(upload, young, Severity.MEDIUM, 0.3) if is_news else None
        largest = max(days.values())
        if upload.up <= largest or self._is_known(upload, past):
            return None
        most = f"the largest of its {count} of history had {amount_words(largest)}"
        known = f"The office does not send there, and {most}."
        return self._finding(upload, known, Severity.HIGH, 0.8)

    def _is_known(self, upload: _Upload, past: Past) -> bool:
        return past.days_sent(upload.network, self.settings.known_bytes) >= self.settings.known_days

    def _finding(self, upload: _Upload, judgement: str, severity: Severity, confidence: float) -> Finding:
        return Finding(
            fingerprint=fingerprint(self.name, upload.actor, str(upload.network)),
            detector=self.name,
            title=self.title,
            severity=severity,
            sentence=upload.sentence(judgement),
            first_seen=upload.first_seen,
            last_seen=upload.last_seen,
            count=round(upload.up),
            actor=upload.actor,
            targets=tuple(map(text_from_address, upload.targets)),
            evidence=Evidence(
                filter=f"src_addr = {upload.actor} and dst_addr = {upload.where}",
                since=upload.first_seen,
                until=upload.last_seen + 1,
            ),
            confidence=confidence,
            technique=self.technique,
        )


def _sent_by_day(history: Mapping[int, Volume]) -> Counter[int]:
    """Bytes sent to the outside on each day on which anything passed."""
    days: Counter[int] = Counter()
    for hour, volume in history.items():
        days[hour // _HOURS_A_DAY] += round(volume.up)
    return days
