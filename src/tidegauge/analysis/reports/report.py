"""A report: what to ask, for which period, when to send it and to whom. Written in TOML."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec

from tidegauge.query.question import Query

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tidegauge.store.lake import Lake

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class ReportError(Exception):
    """A report that cannot be made: says which, where and what to do."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question of a report and how its answer is shown.

    ``question`` is the name of an installed question (entry point group ``tidegauge.questions``). ``columns``
    are those of the table, all when empty. ``picture`` draws the first metric: ``bars`` by the first column,
    ``lines`` over time.
    """

    title: str
    question: str = "top"
    query: Query = Query()
    words: str = ""
    picture: Literal["none", "bars", "lines"] = "none"
    columns: tuple[str, ...] = ()


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a report goes out, and to whom: at ``at`` (24 hours, its own zone) by day, week or month."""

    to: tuple[str, ...]
    every: Literal["day", "month"] | Weekday = "monday"
    at: str = "06:00"


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named list of sections over one period.

    ``mask_users`` puts numbers in place of names of people and machines, the same number for the same
    name within one report.
    """

    title: str
    section: tuple[Section, ...]
    period: str = "last week"
    time_zone: str = "UTC"
    mask_users: bool = False
    schedule: Schedule | None = None

    def varied(self, *, period: str | None, time_zone: str | None, mask_users: bool) -> Report:
        """The same report asked otherwise; None leaves as it is, and names masked by its writer stay so."""
        return msgspec.structs.replace(
            self,
            period=period or self.period,
            time_zone=time_zone or self.time_zone,
            mask_users=mask_users or self.mask_users,
        )


def reports_folder(lake: Lake) -> Path:
    """Where people put reports of their own."""
    return lake.path / "reports"


def report_named(name: str, folder: Path) -> Report:
    """The report ``name``: from ``folder`` where a file of that name is there, else one that we ship.

    Raises ReportError when there is none, or when its file says something that makes no sense.
    """
    if name not in report_names(folder):
        known = ", ".join(report_names(folder))
        raise ReportError(f"there is no report {name!r}; there are {known}, or write {folder / name}.toml")
    own = folder / f"{name}.toml"
    source = own if own.exists() else files(__package__) / "shipped" / f"{name}.toml"
    return report_from_text(source.read_text(encoding="utf-8"), str(source))


def report_names(folder: Path) -> list[str]:
    """The names of all reports, ours and those in ``folder``."""
    shipped = (files(__package__) / "shipped").iterdir()
    return sorted(set(_stems(path.name for path in shipped)) | set(_stems(p.name for p in _listed(folder))))


def report_from_text(text: str, place: str) -> Report:
    """Read a report; ``place`` says where it came from, for the error. Raises ReportError."""
    try:
        return msgspec.toml.decode(text, type=Report)
    except (msgspec.DecodeError, ValueError) as error:
        raise ReportError(f"{place}: {error}") from None


def _listed(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def _stems(names: Iterable[str]) -> list[str]:
    return [name.removesuffix(".toml") for name in names if name.endswith(".toml")]
