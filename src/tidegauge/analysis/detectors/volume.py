"""Volume: an address that moves far more in an hour than it ever did at such an hour.

What is usual is taken from the same hour of the week, or the busier of the hours beside it, in the weeks
before; where the lake is younger, from the same hour of the day. Median and median deviation stand for
it, because one great day must not make the next one look small. The hour must also be above every hour of
the past: somebody who works at night for once is no trouble.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tidegauge.analysis.contacts import HOUR
from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.past import DAYS
from tidegauge.analysis.wording import amount_words, count_words
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.past import Volume as Moved

_HOURS_A_DAY, _HOURS_A_WEEK = 24, 7 * 24
_NEIGHBOURS = (-1, 0, 1)
# Makes the median deviation of normally distributed values equal to their standard deviation.
_DEVIATION_SCALE = 1.4826

_SQL = """
SELECT CAST(address AS BLOB), hour, bytes_up, bytes_down FROM hours
WHERE bytes_up + bytes_down >= $minimum_bytes ORDER BY address, hour"""


@dataclass(frozen=True, slots=True)
class VolumeSettings:
    """What counts as far above one's own history."""

    minimum_bytes: int = 1_000_000_000
    """Bytes between an address and the outside in an hour, below which nothing is said."""
    ratio: float = 3.0
    """Times the usual that an hour has to reach."""
    deviations: float = 6.0
    """Deviations above the usual that it has to reach as well."""
    weeks: int = 3
    """Weeks of history for the hour of the week."""
    days: int = 5
    """Days of history, of the address too, for the hour of the day; with fewer nothing is said."""


@dataclass(frozen=True, slots=True)
class _Hour:
    """An hour that stands out."""

    number: int
    up: float
    down: float
    usual: float
    most: float


class Volume:
    """An address that moves far more in an hour than its own history explains."""

    name = "volume"
    title = "Far more traffic than usual"
    technique = "T1030"
    yields_to = ("upload",)
    unseen = (
        "A rise over weeks, what stays below the largest hour of the past, addresses new to the lake, "
        "and traffic that never leaves the office."
    )

    def __init__(self, settings: VolumeSettings | None = None) -> None:
        self.settings = settings or VolumeSettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Hours that stand out, those of one address without a pause told as one."""
        candidates = activity.rows(_SQL, {"minimum_bytes": self.settings.minimum_bytes})
        if not candidates or len(activity.past.days) < self.settings.days:
            return []
        history = activity.past.hourly(activity.names({source for source, *_ in candidates}))
        found: dict[bytes, list[_Hour]] = {}
        for source, number, up, down in candidates:
            hour = self._judged(number, up, down, history.get(source, {}), activity.past.days)
            if hour is not None:
                found.setdefault(source, []).append(hour)
        return [
            self._finding(source, run, activity)
            for source, hours in sorted(found.items())
            for run in _runs(hours)
        ]

    def _judged(
        self, number: int, up: float, down: float, history: Mapping[int, Moved], days: frozenset[int]
    ) -> _Hour | None:
        """The hour with what is usual for it, if it stands out; None also where nobody can say."""
        samples = self._samples(number, history, days)
        if not samples or len({hour // _HOURS_A_DAY for hour in history}) < self.settings.days:
            return None
        usual = median(samples)
        deviation = median(abs(sample - usual) for sample in samples) * _DEVIATION_SCALE
        most = max(volume.up + volume.down for volume in history.values())
        limit = max(usual * self.settings.ratio, usual + deviation * self.settings.deviations, most)
        return _Hour(number, up, down, usual, most) if up + down > limit else None

    def _samples(self, number: int, history: Mapping[int, Moved], days: frozenset[int]) -> list[float]:
        """What moved at such an hour, once for each time that there was one; empty with too few."""
        for period, least in (
            (_HOURS_A_WEEK, self.settings.weeks),
            (_HOURS_A_DAY, self.settings.days),
        ):
            starts = [number - period * back for back in range(1, DAYS * _HOURS_A_DAY // period + 1)]
            starts = [start for start in starts if start // _HOURS_A_DAY in days]
            if len(starts) >= least:
                return [max(_moved(history, start + step) for step in _NEIGHBOURS) for start in starts]
        return []

    def _finding(self, source: bytes, hours: list[_Hour], activity: Activity) -> Finding:
        actor = text_from_address(source)
        up, down = sum(hour.up for hour in hours), sum(hour.down for hour in hours)
        first = max(hours[0].number * HOUR, activity.since)
        last = min((hours[-1].number + 1) * HOUR, activity.until)
        days = count_words(len(activity.past.days), "day", "days")
        span = "an hour" if len(hours) == 1 else f"{len(hours)} hours"
        usual, most = max(hour.usual for hour in hours), max(hour.most for hour in hours)
        return Finding(
            fingerprint=fingerprint(self.name, actor),
            detector=self.name,
            title=self.title,
            severity=Severity.MEDIUM,
            sentence=(
                f"{actor} sent {amount_words(up)} and got {amount_words(down)} within {span}. Usual for it "
                f"at that time are {amount_words(usual)} an hour; its largest hour in {days} of history had "
                f"{amount_words(most)}."
            ),
            first_seen=first,
            last_seen=last - 1,
            count=round(up + down),
            actor=actor,
            targets=(),
            evidence=Evidence(
                filter=f"addr = {actor} and (bytes_up > 0 or bytes_down > 0)", since=first, until=last
            ),
            confidence=0.6,
            technique=self.technique,
        )


def _moved(history: Mapping[int, Moved], hour: int) -> float:
    volume = history.get(hour)
    return 0.0 if volume is None else volume.up + volume.down


def _runs(hours: list[_Hour]) -> list[list[_Hour]]:
    """Hours without a pause, together."""
    runs: list[list[_Hour]] = []
    for hour in hours:
        if runs and runs[-1][-1].number == hour.number - 1:
            runs[-1].append(hour)
        else:
            runs.append([hour])
    return runs
