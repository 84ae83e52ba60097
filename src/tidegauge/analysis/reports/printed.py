"""A report as PDF, by WeasyPrint where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.reports.page import page
from tidegauge.analysis.reports.report import ReportError

if TYPE_CHECKING:
    from tidegauge.analysis.reports.answering import AnsweredReport


def printed(found: AnsweredReport) -> bytes:
    """The report's page as PDF. Raises ReportError where the program for it is missing."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 (an extra, and slow to import)
    except (ImportError, OSError) as error:
        raise ReportError(
            "a PDF needs WeasyPrint and the Pango library: pip install 'tidegauge[pdf]', and from the system"
            f" libpango-1.0-0 and libpangoft2-1.0-0 ({error})"
        ) from None
    document: Any = HTML(string=page(found), url_fetcher=_refused)  # type: ignore[no-untyped-call]
    written: bytes = document.write_pdf()
    return written


def _refused(url: str, **_: object) -> dict[str, object]:
    """A report holds everything it shows; a name in it that looks like an address fetches nothing."""
    raise ValueError(f"a report fetches nothing: {url}")
