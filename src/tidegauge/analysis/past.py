"""The past: what came before a stretch of time, to tell the unusual from the usual.

It is opened when a detector first asks, which it does about the few addresses that stand out: quiet
hours cost no look back.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.clock_correction import corrected_engine
from tidegauge.analysis.contacts import BEGAN, BYTES, HOUR
from tidegauge.analysis.naming import home_of, provide
from tidegauge.analysis.repeats import FlowsState, counted_once, flows_state
from tidegauge.analysis.sampling import apply_sampling
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.addresses import uuid_text
from tidegauge.store.engines.duckdb import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.flow.addresses import Network
    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake

DAY = 24 * HOUR
DAYS = 28
"""How far back is looked: four of each hour of the week."""

HOLDER_NAME = "coalesce(holders.machine, holders.person)"
"""What an address is known by: the machine, since a person may use two that are alike in nothing."""

_UP = _SENT = BYTES.format("coalesce(bytes, 0)")
_DOWN = BYTES.format("coalesce(reverse_bytes, 0)")

_DAYS_WITH_FLOWS = f"SELECT DISTINCT {BEGAN} // {DAY} FROM flows WHERE {BEGAN} >= $since AND {BEGAN} < $until"

# What is known under a name is followed from address to address, anything else stays where it is.
_SPANS = f"""
CREATE OR REPLACE TEMP TABLE span AS
WITH wanted AS (
  SELECT CAST(unnest($addresses) AS UUID) AS address, unnest(CAST($names AS VARCHAR[])) AS name)
SELECT wanted.address AS wanted, holders.address, holders.since, holders.until
FROM holders JOIN wanted ON wanted.name = {HOLDER_NAME}
UNION ALL
SELECT address, address, $since, $until FROM wanted WHERE name IS NULL"""

# Two branches instead of an OR, here and below, which would keep the files from being pruned by address.
_THEIRS = """
SELECT * FROM flows WHERE src_addr IN (SELECT address FROM span)
UNION ALL
SELECT * FROM flows WHERE dst_addr IN (SELECT address FROM span)"""

_HOURLY = f"""
WITH moved AS (
  SELECT wanted, {BEGAN} AS began, {_UP} AS up, {_DOWN} AS down
  FROM {{flows}} AS flows JOIN span
    ON flows.src_addr = span.address AND {BEGAN} >= span.since AND {BEGAN} < span.until
  WHERE NOT is_home(dst_addr)
  UNION ALL
  SELECT wanted, {BEGAN}, {_DOWN}, {_UP}
  FROM {{flows}} AS flows JOIN span
    ON flows.dst_addr = span.address AND {BEGAN} >= span.since AND {BEGAN} < span.until
  WHERE NOT is_home(src_addr)
)
SELECT CAST(wanted AS BLOB), began // {HOUR} AS hour, sum(up), sum(down)
FROM moved WHERE began >= $since AND began < $until GROUP BY wanted, hour"""

_TO_NETWORK = "SELECT * FROM flows WHERE dst_addr BETWEEN CAST($first AS UUID) AND CAST($last AS UUID)"

_DAYS_SENT = f"""
SELECT count(*) FROM (
  SELECT {BEGAN} // {DAY} AS day, sum({_SENT}) AS sent FROM {{flows}} AS flows
  WHERE dst_addr BETWEEN CAST($first AS UUID) AND CAST($last AS UUID) AND is_home(src_addr)
    AND {BEGAN} >= $since AND {BEGAN} < $until
  GROUP BY day HAVING sent >= $bytes)"""


class Volume(NamedTuple):
    """Bytes that a home address sent to the outside and got from it."""

    up: float
    down: float


class Past:
    """The ``DAYS`` days before ``until``; ``flows`` may hold more than these, and what each point saw."""

    def __init__(self, lake: Lake, generation: Generation, until: int) -> None:
        self.since, self.until = until - DAYS * DAY, until
        self._lake = lake
        self._generation = generation
        self._engine: Engine | None = None
        self._state: FlowsState | None = None
        self._days: frozenset[int] | None = None

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement over ``flows``, which it has to limit by ``since`` and ``until``."""
        return self._opened().rows(sql, values)

    @property
    def range_values(self) -> dict[str, int]:
        """``since`` and ``until`` as the parameters of a statement."""
        return {"since": self.since, "until": self.until}

    @property
    def days(self) -> frozenset[int]:
        """The days, counted from 1970, of which the lake holds flows."""
        if self._days is None:
            self._days = frozenset(day for (day,) in self.rows(_DAYS_WITH_FLOWS, self.range_values))
        return self._days

    def hourly(self, names: Mapping[bytes, str | None]) -> dict[bytes, dict[int, Volume]]:
        """What home addresses moved in each hour since 1970; hours without flows are left out.

        ``names`` are those that each address is known by now, None where it is by none. What has a
        name is looked up at the addresses it had then, and is told under the one it has now.
        """
        found: dict[bytes, dict[int, Volume]] = defaultdict(dict)
        values = {"addresses": list(map(uuid_of, names)), "names": list(names.values()), **self.range_values}
        provide(self._opened(), self._lake, ["src_holder"], self.since, self.until)
        self.rows(_SPANS, values)
        flows = counted_once(self._opened(), self.since, self.until, _THEIRS, state=self._state)
        for address, hour, up, down in self.rows(_HOURLY.format(flows=flows), self.range_values):
            found[address][hour] = Volume(up, down)
        return found

    def days_sent(self, network: Network, at_least: int) -> int:
        """On how many days home sent so many bytes to a network."""
        ends = {"first": uuid_text(network.first), "last": uuid_text(network.last)}
        flows = counted_once(self._opened(), self.since, self.until, _TO_NETWORK, ends, self._state)
        values = {"bytes": at_least, **ends, **self.range_values}
        [(days,)] = self.rows(_DAYS_SENT.format(flows=flows), values)
        return int(days)

    def _opened(self) -> Engine:
        if self._engine is None:
            time_range = TimeRange(self.since, self.until)
            opened = corrected_engine(self._engine_of, self._lake, self._generation, time_range)
            self._engine, corrections = opened
            self._state = flows_state(self._lake, self._generation, corrections, time_range)
            apply_sampling(self._engine, self._lake, self._generation)
        return self._engine

    def _engine_of(self, time_range: TimeRange) -> Engine:
        home, stock = home_of(self._lake), self._lake.stock
        return Engine(self._generation, time_range.since, time_range.until, home=home, stock=stock)

    def close(self) -> None:
        """Let go of the files."""
        if self._engine is not None:
            self._engine.close()


def uuid_of(address: bytes) -> str:
    """The text of the UUID that a database keeps 16 bytes of address as."""
    return uuid_text(int.from_bytes(address, "big"))
