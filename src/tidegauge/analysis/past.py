"""The past: what came before a stretch of time, to tell the unusual from the usual.

It is opened when a detector first asks, which it does about the few addresses that stand out: quiet
hours cost no look back.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.contacts import BEGAN, BYTES, HOUR
from tidegauge.analysis.naming import home_of, provide
from tidegauge.flow.addresses import uuid_text
from tidegauge.store.engines.duckdb import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake

DAY = 24 * HOUR
DAYS = 28
"""How far back is looked: four of each hour of the week."""

HOLDER_NAME = "coalesce(holders.machine, holders.person)"
"""What an address is known by: the machine, since a person may use two that are alike in nothing."""

_UP, _DOWN = BYTES.format("coalesce(bytes, 0)"), BYTES.format("coalesce(reverse_bytes, 0)")

_DAYS_WITH_FLOWS = f"SELECT DISTINCT {BEGAN} // {DAY} FROM flows WHERE {BEGAN} >= $since AND {BEGAN} < $until"

# What is known under a name is followed from address to address, anything else stays where it is.
# Two branches instead of an OR, which would keep the files from being pruned by address.
_MOVED = f"""
wanted AS (SELECT CAST(unnest($addresses) AS UUID) AS address, unnest(CAST($names AS VARCHAR[])) AS name),
span AS (
  SELECT wanted.address AS wanted, holders.address, holders.since, holders.until
  FROM holders JOIN wanted ON wanted.name = {HOLDER_NAME}
  UNION ALL
  SELECT address, address, $since, $until FROM wanted WHERE name IS NULL
),
moved AS (
  SELECT wanted, {BEGAN} AS began, {_UP} AS up, {_DOWN} AS down
  FROM flows JOIN span ON flows.src_addr = span.address AND {BEGAN} >= span.since AND {BEGAN} < span.until
  WHERE NOT is_home(dst_addr)
  UNION ALL
  SELECT wanted, {BEGAN}, {_DOWN}, {_UP}
  FROM flows JOIN span ON flows.dst_addr = span.address AND {BEGAN} >= span.since AND {BEGAN} < span.until
  WHERE NOT is_home(src_addr)
)"""

_HOURLY = f"""
WITH {_MOVED}
SELECT CAST(wanted AS BLOB), began // {HOUR} AS hour, sum(up), sum(down)
FROM moved WHERE began >= $since AND began < $until GROUP BY wanted, hour"""


class Volume(NamedTuple):
    """Bytes that a home address sent to the outside and got from it."""

    up: float
    down: float


class Past:
    """The ``DAYS`` days before ``until``; ``flows`` may hold more than these."""

    def __init__(self, lake: Lake, generation: Generation, until: int) -> None:
        self.since, self.until = until - DAYS * DAY, until
        self._lake = lake
        self._generation = generation
        self._engine: Engine | None = None
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
        for address, hour, up, down in self.rows(_HOURLY, values):
            found[address][hour] = Volume(up, down)
        return found

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = Engine(self._generation, self.since, self.until, home=home_of(self._lake))
        return self._engine

    def close(self) -> None:
        """Let go of the files."""
        if self._engine is not None:
            self._engine.close()


def uuid_of(address: bytes) -> str:
    """The text of the UUID that a database keeps 16 bytes of address as."""
    return uuid_text(int.from_bytes(address, "big"))
