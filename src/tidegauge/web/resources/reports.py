"""``/api/v1/reports``: the reports there are; ``/api/v1/report/NAME``: one of them, to read or keep."""

from __future__ import annotations

from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from tidegauge.analysis.reports.answering import answered
from tidegauge.analysis.reports.report import ReportError, report_named, report_names, reports_folder
from tidegauge.analysis.reports.written import FORMATS
from tidegauge.web.parameters import GATE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.requests import Request

    from tidegauge.store.lake import Lake
    from tidegauge.web.reader import Reader

# A report holds everything it shows. It is put into our own page as a picture is: nothing in it runs.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


class Variation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a report is asked otherwise than it says itself."""

    period: str | None = None
    time_zone: str | None = None
    mask_users: bool = False


async def listed(request: Request) -> Response:
    """Reply with every report: its name, title, period and schedule, and how it can be written."""
    reader: Reader = request.app.state.reader
    return Response(msgspec.json.encode(await reader.read(_listed)), media_type="application/json")


async def report(request: Request) -> Response:
    """Reply with one report in the format its suffix names, else as a page."""
    reader: Reader = request.app.state.reader
    name, format_name = _name_and_format(request.path_params["name"])
    variation = _variation(request.query_params)

    def written(lake: Lake) -> bytes:
        if name not in report_names(reports_folder(lake)):
            raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no report {name!r}.")
        asked = report_named(name, reports_folder(lake)).varied(**msgspec.structs.asdict(variation))
        return FORMATS[format_name].write(answered(lake, name, asked, reader.now()))

    reply = Response(await reader.read(written), media_type=FORMATS[format_name].media_type)
    reply.headers["cache-control"] = "no-cache"
    if format_name == "html":
        reply.headers["content-security-policy"] = POLICY
    else:
        reply.headers["content-disposition"] = f'attachment; filename="tidegauge-report.{format_name}"'
    return reply


REPORT_ROUTES = (Route("/reports", listed), Route("/report/{name}", report))


def _listed(lake: Lake) -> list[dict[str, Any]]:
    folder = reports_folder(lake)
    formats = [name for name in FORMATS if name != "pdf" or find_spec("weasyprint")]
    return [_told(name, folder, formats) for name in report_names(folder)]


def _told(name: str, folder: Path, formats: list[str]) -> dict[str, Any]:
    """What a list says of a report; one with a mistake says it, and holds up no other."""
    try:
        known = report_named(name, folder)
    except ReportError as error:
        return {"name": name, "title": name, "problem": str(error)}
    return {
        "name": name,
        "title": known.title,
        "period": known.period,
        "time_zone": known.time_zone,
        "mask_users": known.mask_users,
        "schedule": known.schedule,
        "sections": [section.title for section in known.section],
        "formats": formats,
    }


def _name_and_format(last: str) -> tuple[str, str]:
    name, _, suffix = last.rpartition(".")
    return (name, suffix) if name and suffix in FORMATS else (last, "html")


def _variation(words: Mapping[str, str]) -> Variation:
    told = {name: text for name, text in words.items() if name not in GATE_NAMES}
    try:
        return msgspec.convert(told, Variation, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
