"""``time devices``: who takes the time from whom, who takes it from nobody, and who is in sync.

Two views in one inventory. Flows tell which devices there are and which NTP servers each asks, whoever runs
them; our own server's record tells who asks it, how often, and the clocks of those that do not hide them.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.analysis.time_service import PATIENCE_SECONDS as RECORD_PATIENCE_SECONDS
from tidegauge.analysis.time_service import time_service_of
from tidegauge.clock.instant_text import NANOSECONDS, instant_from_text
from tidegauge.query.statement import Column, Statement
from tidegauge.query.syntax import Anything
from tidegauge.query.time_sources import COLUMNS
from tidegauge.query.time_sources import time_sources as statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.analysis.answer import Answer
    from tidegauge.analysis.time_service import TimeService
    from tidegauge.ntp.askers import Asker
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

PATIENCE_POLLS = 4
PATIENCE_SECONDS = 3600.0
"""Polls are up to 1024 seconds apart in most clients, and an exporter may hold a flow for minutes."""

IN_SYNC_SECONDS = 0.128
"""NTP's own line between a clock to steer and one to set; the way of a request takes less."""

_COLUMNS = (
    *COLUMNS,
    Column("is_own_server", "boolean"),
    Column("interval_seconds", "float64", "seconds"),
    Column("state", "text"),
    Column("offset_seconds", "float64", "seconds"),
    Column("sync", "text"),
    Column("seen_by", "text"),
)
_HOLDERS = (Column("address", "address"), Column("machine", "text"), Column("user", "text"))


def time_devices(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each device and NTP server that it asks, and one for each device at home that asks none.

    ``state`` is ``asks``; ``stopped``, when the device was still seen long after it last asked this server;
    ``asked once``; or ``never asks``. ``interval_seconds`` is the mean in flows, else the median of the last
    few requests to our own server. ``offset_seconds`` is the device's clock minus ours, where it lets our
    own server see it, and ``sync`` is ``in sync``, ``off``, or ``unknown``. ``seen_by`` is ``flows``,
    ``server`` (our own), or ``both``. What a device asks of servers on its own network is seen in flows only
    where something meters it; our own server's view is that of now, left out where the question ends earlier.
    """
    with Reading(lake, query, now) as reading:
        rows = [row | _judged(row) for row in reading.rows(statement(reading.query, reading.time_range))]
        service, until = time_service_of(lake, now), reading.time_range.until
        if (
            service
            and service.is_running
            and (until is None or until >= now - RECORD_PATIENCE_SECONDS * NANOSECONDS)
        ):
            clients = _Clients(service, reading.time_range.since or 0, now)
            is_whole = isinstance(reading.filter.term, Anything)
            rows = list(_joined(rows, clients, _holders(reading, now), is_whole=is_whole))
        rows = [{column.name: row[column.name] for column in _COLUMNS} for row in rows]
        return reading.answer(arranged(rows, _COLUMNS, query.order, query.top), _COLUMNS)


class _Clients:
    """Who asks our own server, by its record; each is taken out once it has found its device."""

    def __init__(self, service: TimeService, since: int, now: int) -> None:
        self.own = frozenset(service.record.addresses)
        self._now = now
        self._left = {
            asker.address: asker
            for asker in service.record.clients
            if instant_from_text(asker.last_seen) >= since
        }

    def take(self, address: str) -> Asker | None:
        """The client at an address."""
        return self._left.pop(address, None)

    def rest(self) -> list[Asker]:
        """Those that nobody took."""
        return list(self._left.values())

    def judged(self, asker: Asker) -> dict[str, Any]:
        """What our server knows better than flows do."""
        return {
            "is_own_server": True,
            "interval_seconds": asker.interval_seconds,
            "state": asker.state_at(self._now),
            "offset_seconds": asker.offset_seconds,
            "sync": _sync(asker.offset_seconds),
        }

    def row(self, asker: Asker, device: dict[str, Any]) -> dict[str, Any]:
        """A row for a client whose requests no flow tells of; ``device`` holds what else is known of it."""
        [server] = self.own if len(self.own) == 1 else [None]
        return {
            **device,
            "server": server,
            "is_server_home": None,
            "requests": asker.requests,
            "answers": asker.answered,
            "first_asked": asker.first_seen,
            "last_asked": asker.last_seen,
            "seen_by": "server",
        } | self.judged(asker)


def _joined(
    rows: list[dict[str, Any]], clients: _Clients, names: dict[str, dict[str, Any]], *, is_whole: bool
) -> Iterator[dict[str, Any]]:
    """Both views, by device. A client that no flow tells of is a device where all were asked about."""
    for address, group in groupby(rows, key=itemgetter("address")):
        device, asker = list(group), clients.take(address)
        is_metered = False
        for row in device:
            is_own = row["server"] in clients.own
            if asker and is_own:
                is_metered = True
                last = max(row["last_asked"], asker.last_seen)
                yield row | clients.judged(asker) | {"last_asked": last, "seen_by": "both"}
            elif not asker or row["server"] is not None:
                yield row | {"is_own_server": is_own and row["server"] is not None}
        if asker and not is_metered:
            seen = max(device[0]["last_seen"], asker.last_seen)
            known = {name: device[0][name] for name in ("address", "machine", "user")}
            yield clients.row(asker, known | {"last_seen": seen})
    for asker in clients.rest() if is_whole else ():
        unnamed = {"address": asker.address, "machine": None, "user": None, "last_seen": asker.last_seen}
        yield clients.row(asker, unnamed | names.get(asker.address, {}))


def _holders(reading: Reading, now: int) -> dict[str, dict[str, Any]]:
    """Who holds which address now."""
    sql = "SELECT CAST(address AS BLOB), machine, person FROM holders WHERE since <= $now AND until > $now"
    rows = reading.rows(Statement(sql, {"now": now}, _HOLDERS, lookups=("src_holder",)))
    return {row["address"]: row for row in rows}


def _sync(offset_seconds: float | None) -> str:
    if offset_seconds is None:
        return "unknown"
    return "in sync" if abs(offset_seconds) <= IN_SYNC_SECONDS else "off"


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    told = {"is_own_server": False, "offset_seconds": None, "sync": "unknown", "seen_by": "flows"}
    if row["server"] is None:
        return told | {"interval_seconds": None, "state": "never asks"}
    first, last, seen = (instant_from_text(row[name]) for name in ("first_asked", "last_asked", "last_seen"))
    times = (row["requests"] or 0) - 1
    interval = (last - first) / times / NANOSECONDS if times > 0 else None
    patience = max(PATIENCE_SECONDS, PATIENCE_POLLS * (interval or 0))
    is_over = (seen - last) / NANOSECONDS > patience
    return told | {"interval_seconds": interval, "state": "stopped" if is_over else "asks"}
