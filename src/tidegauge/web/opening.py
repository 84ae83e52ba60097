"""The opening: what the pages of the dashboard ask when somebody opens them, before anybody has.

Equal to the letter to what they ask in a browser of the same time zone: else an answer would serve nobody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from tidegauge.query.question import Query
from tidegauge.web.kept_answers import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tidegauge.web.kept_answers import Answering

SINCE, UNTIL = "now-24h", "now"
WEEK = "now-7d"
"""The range of a page that names no other, as the dashboard has it; that of a person tells of a week."""

PEOPLE = Query(since=SINCE, until=UNTIL, by=("user",), metrics=("bytes",), top=50)
"""Whose pages are opened first: those who moved most."""

FORMAT = "json"

_PLAIN = re.compile(r"[\w.:/-]+", re.ASCII)


class Opened(NamedTuple):
    """A question that a page opens with: which, and what about."""

    name: str
    query: Query

    def asked(self, questions: Mapping[str, Answering]) -> Asked:
        """It as it is asked over HTTP; ``questions`` are all that can be, by name."""
        return Asked(questions[self.name], self.query, FORMAT)


def opening(time_zone: str) -> Iterator[Opened]:
    """The questions of all pages that are about nobody, those of the first page first."""
    unzoned = Query(since=SINCE, until=UNTIL)
    day = replace(unzoned, time_zone=time_zone)
    moved = "bytes", "packets", "flows", "bytes_up", "bytes_down"
    listed = "bytes", "bytes_down", "bytes_up", "flows", "last_seen"
    yield Opened("alerts", replace(day, until=None))
    yield Opened("links", replace(unzoned, metrics=("bytes",)))
    yield Opened("series", replace(day, by=("category",), step="900s", top=8))
    yield Opened("top", replace(day, by=("user",), metrics=moved, top=0))
    yield Opened("top", replace(day, by=("service", "category"), top=0))
    yield Opened("top", replace(day, by=("site", "site_source"), top=10))
    yield Opened("top", replace(day, by=("user", "category"), metrics=("bytes",), top=0))
    yield Opened("exporters", Query())
    yield Opened("clocks", Query())
    yield Opened("top", replace(day, by=("user",), metrics=listed, order="bytes", top=100))
    yield Opened("top", replace(day, by=("user", "user_source", "service"), top=0))
    yield Opened("series", replace(day, by=("user",), step="3600s", top=100))
    yield Opened("links", day)
    yield Opened("time_devices", replace(day, top=200, order="offset_seconds:desc"))
    yield Opened("time_status", Query())
    yield Opened("flows", replace(day, top=100))


def opening_about(user: str, time_zone: str) -> Iterator[Opened]:
    """The questions of the page of a person."""
    day = Query(filter=f"user = {_quoted(user)}", since=SINCE, until=UNTIL, time_zone=time_zone)
    yield Opened("profile", replace(day, top=10))
    yield Opened("sessions", replace(day, by=("user", "service"), top=100))
    yield Opened("series", replace(day, step="900s", metrics=("bytes_down", "bytes_up")))
    yield Opened("top", replace(day, by=("site", "site_source"), top=10))
    yield Opened("series", replace(day, since=WEEK, step="1h"))


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name) and name.lower() != "null":
        return name
    return '"' + name.replace('"', '\\"') + '"'
