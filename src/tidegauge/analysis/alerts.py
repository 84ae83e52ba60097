"""``alerts``: what the detectors found, as an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.detectors.detector import installed_detectors
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate
from tidegauge.query.statement import Column

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.finding import Finding
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_EARLIEST, _LATEST = -(2**63), 2**63 - 1

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
    Column("targets", "texts"),
    Column("filter", "text"),
    Column("since", "instant"),
    Column("until", "instant"),
    Column("confidence", "float64"),
    Column("technique", "text"),
)


def alerts(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each finding, the most severe first and of those the latest.

    ``filter``, ``since`` and ``until`` ask for the flows behind it. The filter of the question keeps
    the findings with at least one such flow that it matches.
    """
    with Reading(lake, query, now) as reading:
        time_range = reading.time_range
        since = _EARLIEST if time_range.since is None else time_range.since
        until = _LATEST if time_range.until is None else time_range.until
        findings = [
            finding
            for detector in installed_detectors()
            for finding in detector.find(reading.engine, since, until)
            if not query.filter or _concerns(reading, finding)
        ]
        findings.sort(key=lambda finding: (-finding.severity.rank, -finding.last_seen, finding.id))
        data = arranged([_row(finding) for finding in findings], _COLUMNS, query.order, query.top)
        return reading.answer(data, _COLUMNS, totals={"alerts": len(findings)})


def _concerns(reading: Reading, finding: Finding) -> bool:
    parameters = Parameters()
    evidence = predicate(parse(finding.evidence.filter).term, parameters)
    asked = predicate(reading.filter.term, parameters)
    since, until = (parameters.add(end) for end in (finding.evidence.since, finding.evidence.until))
    began = "epoch_ns(coalesce(start, received))"
    is_then = f"{began} >= {since} AND {began} < {until}"
    sql = f"SELECT 1 FROM flows WHERE {evidence} AND {asked} AND {is_then} LIMIT 1"
    return bool(reading.engine.rows(sql, parameters.values))


def _row(finding: Finding) -> dict[str, Any]:
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
        "targets": list(finding.targets),
        "filter": finding.evidence.filter,
        "since": text_from_instant(finding.evidence.since),
        "until": text_from_instant(finding.evidence.until),
        "confidence": finding.confidence,
        "technique": finding.technique,
    }
