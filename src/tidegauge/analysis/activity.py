"""Activity: what a stretch of time holds, prepared once for all detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.clock_correction import corrected_engine
from tidegauge.analysis.contacts import BEGAN, CONTACTS, HOURS, SLOT
from tidegauge.analysis.naming import home_of, provide
from tidegauge.analysis.past import HOLDER_NAME, Past, uuid_of
from tidegauge.analysis.repeats import counted_once, flows_state
from tidegauge.analysis.sampling import apply_sampling
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.duplicates import IS_TRAFFIC
from tidegauge.store.engines.duckdb import Engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Self

    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake

OVERLAP = 2 * SLOT
"""Nanoseconds before a stretch that are looked at with it, for what its border would cut in two."""

_NAMES = f"""
SELECT CAST(address AS BLOB), arg_max({HOLDER_NAME}, since) FROM holders
JOIN (SELECT CAST(unnest($addresses) AS UUID) AS address) AS asked USING (address)
WHERE {HOLDER_NAME} IS NOT NULL AND since < $until AND until > $since GROUP BY address"""


class Activity:
    """The flows that begin in ``[since, until)``, nanoseconds since 1970, as relations to ask with ``rows``.

    ``contacts`` has a row for each client, server, port, protocol and slot of 150 seconds (``slot`` times
    ``SLOT`` is when it begins): ``flows_up`` and ``bytes_up`` from the client to the server, ``flows_down``
    and ``bytes_down`` back, ``packets_up`` and ``packets_down``, ``knocks`` (small flows of the client that
    carry no answer, pings among them), ``syns`` (packets of its TCP flows that never had an ACK),
    ``first_seen`` (when the first of its flows began) and ``last_seen`` (when the last of them ended). Bytes
    and packets have sampling multiplied out.
    ``hours`` has a row for each home address and hour since 1970: ``bytes_up`` to the outside, ``bytes_down``
    from it.
    ``begun`` has the flows themselves with all their stored fields, and ``began``. Ask it for the few that
    ``contacts`` made suspicious; it reads the lake again.
    What several observation points saw is in these at one of them; events of translations are in none.
    ``flows``, ``ledger``, ``options`` and ``is_home(address)`` are the engine's, not limited to the range;
    ``flows`` has what each point saw.
    ``past`` is what happened before, ``folder`` where the lake lies.
    """

    def __init__(self, lake: Lake, generation: Generation, since: int, until: int) -> None:
        self.since, self.until = since, until
        self._lake = lake
        self._generation = generation
        self.past = Past(lake, generation, since)
        time_range = TimeRange(since, until)
        self._engine, corrections = corrected_engine(self._opened, lake, generation, time_range)
        apply_sampling(self._engine, lake, generation)
        state = flows_state(lake, generation, corrections, time_range)
        flows = counted_once(self._engine, since, until, state=state)
        self._engine.rows(
            f"CREATE TEMP VIEW begun AS SELECT *, {BEGAN} AS began FROM {flows} "
            f"WHERE {BEGAN} >= {since:d} AND {BEGAN} < {until:d} AND {IS_TRAFFIC}"
        )
        for statement in (CONTACTS, HOURS):
            self._engine.rows(statement)

    def _opened(self, time_range: TimeRange) -> Engine:
        home, stock = home_of(self._lake), self._lake.stock
        return Engine(self._generation, time_range.since, time_range.until, home=home, stock=stock)

    @property
    def folder(self) -> Path:
        """Where the lake lies, and what people wrote down beside it."""
        return self._lake.path

    def look_up(self, *lookups: str) -> None:
        """Make what these lookups join (``tidegauge.query.lookups``): who held an address, and the like."""
        provide(self._engine, self._lake, lookups, self.since, self.until)

    def names(self, addresses: Iterable[bytes]) -> dict[bytes, str | None]:
        """What each address is known by: the machine, or the person, that held it last in the range."""
        asked = list(addresses)
        self.look_up("src_holder")
        values = {"addresses": list(map(uuid_of, asked)), "since": self.since, "until": self.until}
        return dict.fromkeys(asked) | dict(self.rows(_NAMES, values))

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement with named parameters (``$name``); cast addresses to BLOB."""
        return self._engine.rows(sql, values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.past.close()
        self._engine.close()
