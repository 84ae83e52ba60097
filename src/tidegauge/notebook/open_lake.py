"""An open lake: every question as a method."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import msgspec

from tidegauge.analysis.questions import question_named
from tidegauge.notebook.table import Table
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Sequence

Moment = str | datetime


class Asked(TypedDict, total=False):
    """What every question takes by name, apart from its filter. The command line's options mean the same.

    ``since`` and ``until`` are words (``1h``, ``today``, ISO 8601) or datetimes; one without a zone is in
    ``time_zone``. ``limit`` is how many rows to give, 0 for all.
    """

    since: Moment | None
    until: Moment | None
    time_zone: str
    limit: int | None
    order: str
    metrics: Sequence[str]
    step: str | None
    direction: str
    compare: str | None
    having: str
    duplicates: str
    muted: bool


class OpenLake:
    """A lake to ask questions of. It holds no file open: each question sees the lake as it is then."""

    def __init__(self, path: Path, clickhouse: str = "") -> None:
        self._lake = Lake.open(path, clickhouse=clickhouse)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._lake.path

    def top(self, *by: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """The groups with the most: ``lake.top("user", since="1d")``, ``lake.top("src_addr/24", "port")``.

        Raises QuestionError for a question that makes no sense and FilterError for the filter.
        """
        return self._ask("top", by, filter, asked)

    def series(self, *by: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """How much over time, in buckets of ``step``; bytes are spread over the time a flow lived."""
        return self._ask("series", by, filter, asked)

    def flows(self, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """The flows themselves, whole, at most 100 unless ``limit`` says otherwise."""
        return self._ask("flows", (), filter, asked)

    def sessions(self, *by: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """Who used what, how long and how much; by user and service unless said otherwise."""
        return self._ask("sessions", by, filter, asked)

    def profile(self, filter: str, **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """What is known of one person or address: ``lake.profile("user John")``."""
        return self._ask("profile", (), filter, asked)

    def conversations(self, *by: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """Pairs that talked, both directions in one row."""
        return self._ask("conversations", by, filter, asked)

    def matrix(self, rows: str, columns: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """Two fields crossed, a row for each cell."""
        return self._ask("matrix", (rows, columns), filter, asked)

    def links(self, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """Interfaces: how full, how fast, how clean."""
        return self._ask("links", (), filter, asked)

    def billing(self, *by: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """The percentile of five-minute rates that a link is billed by; this month unless said otherwise."""
        return self._ask("billing", by, filter, asked)

    def timeline(self, filter: str, **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """Everything one address did, in order: ``lake.timeline("addr 10.0.4.17")``."""
        return self._ask("timeline", (), filter, asked)

    def alerts(self, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """What looks wrong, worst first."""
        return self._ask("alerts", (), filter, asked)

    def exporters(self, **asked: Unpack[Asked]) -> Table:
        """What is known of each exporter."""
        return self._ask("exporters", (), "", asked)

    def clocks(self, **asked: Unpack[Asked]) -> Table:
        """How far each exporter's clock is off."""
        return self._ask("clocks", (), "", asked)

    def exchanges(self, **asked: Unpack[Asked]) -> Table:
        """What exporters told of our own packets, and what that says of their clocks."""
        return self._ask("exchanges", (), "", asked)

    def time_devices(self, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """Which device takes the time from whom, which from nobody, and who is in sync."""
        return self._ask("time_devices", (), filter, asked)

    def time_status(self, **asked: Unpack[Asked]) -> Table:
        """The collector's own clock, who judges it, and the NTP server that passes it on; now only."""
        return self._ask("time_status", (), "", asked)

    def ledger(self, **asked: Unpack[Asked]) -> Table:
        """What was received, stored and lost, and why."""
        return self._ask("ledger", (), "", asked)

    def _ask(self, question: str, by: tuple[str, ...], words: str, asked: Asked) -> Table:
        query = msgspec.structs.replace(Query(filter=words, by=by), **_as_query(asked))
        ask, now = question_named(question), time.time_ns()
        return Table(self._lake.around_damage(lambda: ask(self._lake, query, now)))


def open_lake(path: str | Path | None = None, *, clickhouse: str = "") -> OpenLake:
    """Open the lake at ``path``, else at ``$TIDEGAUGE_LAKE``, else this user's own.

    With ``clickhouse``, such as ``https://reader:secret@host:8443/flows``, its flows, options, sightings and
    ledger are asked for there; names stay the lake's. Raises LakeError with a sentence when there is none.
    """
    from tidegauge.store.place import default_lake  # noqa: PLC0415 (only when none is named)

    return OpenLake(default_lake() if path is None else Path(path), clickhouse)


def _as_query(asked: Asked) -> dict[str, object]:
    fields: dict[str, object] = dict(asked)
    for end in ("since", "until"):
        if isinstance(moment := fields.get(end), datetime):
            fields[end] = _text(moment)
    if "limit" in fields:
        fields["top"] = fields.pop("limit")
    if "metrics" in fields:
        fields["metrics"] = tuple(asked["metrics"])
    return fields


def _text(moment: datetime) -> str:
    return moment.isoformat() if moment.tzinfo is None else moment.astimezone(UTC).isoformat()
