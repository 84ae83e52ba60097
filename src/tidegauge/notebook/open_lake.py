"""An open lake: every question as a method."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import msgspec

from tidegauge.notebook.table import Table
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegauge.analysis.answer import Answer

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


class OpenLake:
    """A lake to ask questions of. It holds no file open: each question sees the lake as it is then."""

    def __init__(self, path: Path) -> None:
        self._lake = Lake.open(path)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._lake.path

    def top(self, *by: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (its name everywhere)
        """The groups with the most: ``lake.top("user", since="1d")``, ``lake.top("src_addr/24", "port")``.

        Raises QuestionError for a question that makes no sense and FilterError for the filter.
        """
        from tidegauge.analysis.top import top  # noqa: PLC0415 (each question loads what it needs)

        return self._ask(top, by, filter, asked)

    def series(self, *by: str, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (the same)
        """How much over time, in buckets of ``step``; bytes are spread over the time a flow lived."""
        from tidegauge.analysis.series import series  # noqa: PLC0415 (the same)

        return self._ask(series, by, filter, asked)

    def flows(self, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (the same)
        """The flows themselves, whole, at most 100 unless ``limit`` says otherwise."""
        from tidegauge.analysis.flows import flows  # noqa: PLC0415 (the same)

        return self._ask(flows, (), filter, asked)

    def exporters(self, **asked: Unpack[Asked]) -> Table:
        """What is known of each exporter."""
        from tidegauge.analysis.exporters import exporters  # noqa: PLC0415 (the same)

        return self._ask(exporters, (), "", asked)

    def clocks(self, **asked: Unpack[Asked]) -> Table:
        """How far each exporter's clock is off."""
        from tidegauge.analysis.clocks import clocks  # noqa: PLC0415 (the same)

        return self._ask(clocks, (), "", asked)

    def ledger(self, **asked: Unpack[Asked]) -> Table:
        """What was received, stored and lost, and why."""
        from tidegauge.analysis.ledger import ledger  # noqa: PLC0415 (the same)

        return self._ask(ledger, (), "", asked)

    def alerts(self, filter: str = "", **asked: Unpack[Asked]) -> Table:  # noqa: A002 (the same)
        """What looks wrong, worst first."""
        from tidegauge.analysis.alerts import alerts  # noqa: PLC0415 (the same)

        return self._ask(alerts, (), filter, asked)

    def _ask(
        self,
        question: Callable[[Lake, Query, int], Answer],
        by: tuple[str, ...],
        words: str,
        asked: Asked,
    ) -> Table:
        query = msgspec.structs.replace(Query(filter=words, by=by), **_as_query(asked))
        return Table(question(self._lake, query, time.time_ns()))


def open_lake(path: str | Path | None = None) -> OpenLake:
    """Open the lake at ``path``, else at ``$TIDEGAUGE_LAKE``, else this user's own.

    Raises LakeError with a sentence when there is none.
    """
    from tidegauge.store.place import default_lake  # noqa: PLC0415 (only when none is named)

    return OpenLake(default_lake() if path is None else Path(path))


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
