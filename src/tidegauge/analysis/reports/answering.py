"""Answering a report: each section asked over the same period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.questions import question_named, question_names
from tidegauge.analysis.reports.masking import Masks
from tidegauge.analysis.reports.report import ReportError
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.period import period_from_words
from tidegauge.query.error import QuestionError

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.reports.report import Report, Section
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its answer."""

    section: Section
    answer: Answer


@dataclass(frozen=True, slots=True)
class AnsweredReport:
    """A report, the period it is about, and what was found."""

    name: str
    report: Report
    period: TimeRange
    parts: tuple[Part, ...]


def answered(lake: Lake, name: str, report: Report, now: int) -> AnsweredReport:
    """Ask every section of a report. Raises ReportError naming the section that cannot be asked."""
    try:
        period = period_from_words(report.period, report.time_zone, now)
    except ValueError as error:
        raise ReportError(f"report {name}: {error}") from None
    parts = [Part(section, _answer(lake, report, section, period, now)) for section in report.section]
    if report.mask_users:
        masks = Masks()
        parts = [Part(part.section, masks.masked(part.answer)) for part in parts]
    return AnsweredReport(name, report, period, tuple(parts))


def _answer(lake: Lake, report: Report, section: Section, period: TimeRange, now: int) -> Answer:
    try:
        question = question_named(section.question)
    except KeyError:
        known = ", ".join(question_names())
        told = f"section {section.title!r} asks {section.question!r}; there are {known}"
        raise ReportError(told) from None
    try:
        return question(lake, _over(section.query, period, report.time_zone), now)
    except QuestionError as error:
        raise ReportError(f"section {section.title!r}: {error}") from None


def _over(query: Query, period: TimeRange, time_zone: str) -> Query:
    since, until = (end and text_from_instant(end) for end in (period.since, period.until))
    return msgspec.structs.replace(query, since=since, until=until, time_zone=time_zone)
