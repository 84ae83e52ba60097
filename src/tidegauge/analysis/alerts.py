"""``alerts``: what the detectors found, as an answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.activity import OVERLAP, Activity
from tidegauge.analysis.actors import holders_of, named
from tidegauge.analysis.detectors.detector import installed_detectors
from tidegauge.analysis.evidence import shows
from tidegauge.analysis.muting import Muting
from tidegauge.analysis.policy_file import FILE_NAME
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.analysis.stretch import stretches
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.error import QuestionError
from tidegauge.query.statement import Column
from tidegauge.query.syntax import Anything
from tidegauge.store.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.detectors.detector import Detector
    from tidegauge.analysis.finding import Finding
    from tidegauge.query.question import Query
    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake

_COLUMNS = (
    Column("id", "text"),
    Column("fingerprint", "text"),
    Column("detector", "text"),
    Column("severity", "text"),
    Column("title", "text"),
    Column("sentence", "text"),
    Column("first_seen", "instant"),
    Column("last_seen", "instant"),
    Column("count", "uint64"),
    Column("actor", "text"),
    Column("actor_name", "text"),
    Column("targets", "texts"),
    Column("filter", "text"),
    Column("since", "instant"),
    Column("until", "instant"),
    Column("confidence", "float64"),
    Column("technique", "text"),
    Column("muted_by", "text"),
)


def alerts(lake: Lake, query: Query, now: int, detectors: Sequence[Detector] | None = None) -> Answer:
    """A row for each finding, the most severe first and of those the latest.

    ``filter``, ``since`` and ``until`` ask for the flows behind it. The filter of the question keeps
    the findings with at least one such flow that it matches. A range with more flows than memory holds is
    looked at in stretches of days: what goes on over the border of two is found in each.
    A detector that fails is a warning, and the others are heard. What a mute hides is counted in ``totals``,
    and given instead of the others where the question is of the muted. ``detectors`` are the installed ones
    unless given. A process that answers many questions may tell what it found a while before, at most fifty
    times as long ago as the search took. Raises QuestionError for a lake whose flows are in ClickHouse.
    """
    if lake.clickhouse:
        raise QuestionError("detectors search the lake's own files, not ClickHouse; ask a lake that has them")
    warnings: list[str] = []
    if detectors is None:
        detectors, warnings = installed_detectors()
    with Reading(lake, query, now, ("muted",)) as reading, lake.generation() as generation:
        search = _Search(lake, generation, detectors)
        find = partial(_found, search, reading)
        key = (query.since, query.until, query.filter, search.rests_on)
        findings, heard = lake.recall("alerts", key, now, find)
        warnings += heard
        holders = holders_of(findings, reading.engine, lake)
        muting = Muting(lake, reading)
        rows = [
            _row(named(finding, holder), muting.muted_by(finding, holder))
            for finding, holder in zip(findings, holders, strict=True)
        ]
        shown = [row for row in rows if (row["muted_by"] is not None) is query.muted]
        muted = sum(row["muted_by"] is not None for row in rows)
        data = arranged(shown, _COLUMNS, query.order, query.top)
        totals: dict[str, int | None] = {"alerts": len(rows) - muted, "muted": muted}
        return reading.answer(data, _COLUMNS, totals=totals, warnings=[*warnings, *muting.warnings])


def _found(search: _Search, reading: Reading) -> tuple[list[Finding], list[str]]:
    """The findings, the most severe first and of those the latest, and the warnings of the search."""
    findings = [
        finding
        for since, until in stretches(reading.engine, reading.time_range)
        for finding in search.findings(since, until, reading.time_range.since)
        if isinstance(reading.filter.term, Anything) or shows(reading, finding, reading.filter.term)
    ]
    findings.sort(key=lambda finding: (-finding.severity.rank, -finding.last_seen, finding.id))
    return findings, search.warnings


class _Search:
    """The detectors at work on one generation, and what became of those that failed."""

    def __init__(self, lake: Lake, generation: Generation, detectors: Sequence[Detector]) -> None:
        self._lake = lake
        self._generation = generation
        self._detectors = detectors
        self.warnings: list[str] = []

    @property
    def rests_on(self) -> Hashable:
        """What people decide, and expect to see the effect of at once."""
        policy = self._lake.path / FILE_NAME
        rules = policy.read_bytes() if policy.exists() else b""
        return tuple(each.name for each in self._detectors), rules

    def findings(self, since: int, until: int, earliest: int | None) -> Iterator[Finding]:
        """Findings that reach into ``[since, until)``; what came shortly before is looked at with it."""
        begin = since - OVERLAP
        if earliest is not None:
            begin = max(begin, earliest)
        with Activity(self._lake, self._generation, begin, until) as activity:
            found = [(each, finding) for each in self._detectors for finding in self._heard(each, activity)]
        for detector, finding in found:
            if finding.last_seen >= since and not _is_told(finding, detector, [it for _, it in found]):
                yield finding

    def _heard(self, detector: Detector, activity: Activity) -> list[Finding]:
        try:
            return list(detector.find(activity))
        except LakeError:
            raise
        except QuestionError as error:
            self._warn(str(error))
        except Exception as error:  # noqa: BLE001 (somebody else's code; the others go on)
            self._warn(f"the detector {detector.name} failed: {type(error).__name__}: {error}")
        return []

    def _warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)


def _is_told(finding: Finding, detector: Detector, others: Sequence[Finding]) -> bool:
    """Whether a detector that knows better tells of the same actor at the same time."""
    betters = getattr(detector, "yields_to", ())
    return any(
        other.detector in betters
        and other.actor == finding.actor
        and other.first_seen <= finding.last_seen
        and finding.first_seen <= other.last_seen
        for other in others
    )


def _row(finding: Finding, muted_by: str | None) -> dict[str, Any]:
    return {
        "id": finding.id,
        "fingerprint": finding.fingerprint,
        "detector": finding.detector,
        "severity": finding.severity.value,
        "title": finding.title,
        "sentence": finding.sentence,
        "first_seen": text_from_instant(finding.first_seen),
        "last_seen": text_from_instant(finding.last_seen),
        "count": finding.count,
        "actor": finding.actor,
        "actor_name": finding.actor_name,
        "targets": list(finding.targets),
        "filter": finding.evidence.filter,
        "since": text_from_instant(finding.evidence.since),
        "until": text_from_instant(finding.evidence.until),
        "confidence": finding.confidence,
        "technique": finding.technique,
        "muted_by": muted_by,
    }
