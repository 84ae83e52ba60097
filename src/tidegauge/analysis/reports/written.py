"""A report written down: as a page, a sheet, a print or for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.reports.page import page
from tidegauge.analysis.reports.printed import printed
from tidegauge.analysis.reports.sheet import sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.analysis.reports.answering import AnsweredReport, Part


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a report, and what the web calls it. ``write`` raises ReportError where it cannot."""

    media_type: str
    write: Callable[[AnsweredReport], bytes]


def _page(found: AnsweredReport) -> bytes:
    return page(found).encode()


def _told(part: Part) -> dict[str, object]:
    return {"title": part.section.title, **msgspec.to_builtins(part.answer)}


def _for_programs(found: AnsweredReport) -> bytes:
    return msgspec.json.encode([_told(part) for part in found.parts]) + b"\n"


FORMATS = {
    "html": Format("text/html; charset=utf-8", _page),
    "pdf": Format("application/pdf", printed),
    "csv": Format("text/csv; charset=utf-8", sheet),
    "json": Format("application/json", _for_programs),
}
