"""A report as one HTML page that needs nothing beside it: to open, to print, to mail."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.completeness import sentence
from tidegauge.analysis.reports.figure import figure
from tidegauge.analysis.reports.picture import bars, lines
from tidegauge.clock.instant_text import date_of, zone_from_name

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.reports.answering import AnsweredReport, Part

_STYLE = """
body { font: 14px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #17212a;
  max-width: 720px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin-bottom: 0; } h2 { font-size: 1.15em; margin: 2em 0 0.3em; }
p.period, p.words, footer { color: #55616d; margin: 0 0 1em; }
p.missing { color: #a15c00; }
table { border-collapse: collapse; width: 100%; margin: 0.6em 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid #dde4e9; }
th.number, td.number { text-align: right; } tr.other td, tr.total td { color: #55616d; }
svg { max-width: 100%; height: auto; } h2, svg { break-after: avoid; } tr { break-inside: avoid; }
@page { size: A4; margin: 18mm; }
"""
_PICTURES = {"none": lambda _: "", "bars": bars, "lines": lines}
_FOOT = "Volumes in units of 1000; a dash is what nobody measured. Made by tidegauge."
_HIDDEN = frozenset({"is_other"})


def page(found: AnsweredReport) -> str:
    """The report as HTML."""
    title = escape(found.report.title)
    parts = "".join(_part(part) for part in found.parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f'<body><h1>{title}</h1><p class="period">{escape(period_text(found))}</p>{parts}'
        f"<footer>{_FOOT}</footer></body></html>"
    )


def period_text(found: AnsweredReport) -> str:
    """The days a report is about, its last day included."""
    zone = zone_from_name(found.report.time_zone)
    first, last = date_of(found.period.since or 0, zone), date_of((found.period.until or 0) - 1, zone)
    days = f"{first:%A %d %B %Y}" if first == last else f"{first:%A %d %B} to {last:%A %d %B %Y}"
    return f"{days}, {found.report.time_zone}"


def shown_columns(part: Part) -> list[dict[str, str]]:
    """The columns of a part's table, in the order the section names them."""
    by_name = {column["name"]: column for column in part.answer.columns if column["name"] not in _HIDDEN}
    names = part.section.columns or tuple(by_name)
    return [by_name[name] for name in names if name in by_name]


def _part(part: Part) -> str:
    section, answer = part.section, part.answer
    words = f'<p class="words">{escape(section.words)}</p>' if section.words else ""
    missing = sentence(answer.completeness)
    told = "".join(f'<p class="missing">{escape(text)}</p>' for text in [*answer.warnings, missing] if text)
    body = _PICTURES[section.picture](answer) + (_table(part) if _has_table(part) else "")
    nothing = "" if answer.data else "<p>Nothing in this period.</p>"
    return f"<section><h2>{escape(section.title)}</h2>{words}{told}{body or nothing}</section>"


def _has_table(part: Part) -> bool:
    """Rows over time are drawn; as a table they would fill pages."""
    return bool(part.answer.data) and part.section.picture != "lines"


def _table(part: Part) -> str:
    columns = shown_columns(part)
    head = "".join(f"<th{_class(column)}>{escape(_heading(column['name']))}</th>" for column in columns)
    rows = "".join(_row(columns, row) for row in part.answer.data)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}{_other(columns, part.answer)}</tbody></table>"


def _other(columns: list[dict[str, str]], answer: Answer) -> str:
    if not answer.other:
        return ""
    other = answer.other
    rest = {column["name"]: other.get(column["name"], "") for column in columns}
    rest[columns[0]["name"]] = "others"
    return _row(columns, rest, "other")


def _row(columns: list[dict[str, str]], row: dict[str, Any], kind: str = "") -> str:
    cells = "".join(
        f"<td{_class(column)}>{escape(figure(row[column['name']], column['unit'], column['type']))}</td>"
        for column in columns
    )
    return f'<tr class="{kind}">{cells}</tr>' if kind else f"<tr>{cells}</tr>"


def _class(column: dict[str, str]) -> str:
    return ' class="number"' if column["unit"] or column["type"].startswith(("uint", "int", "float")) else ""


def _heading(name: str) -> str:
    return name.replace("_", " ")
