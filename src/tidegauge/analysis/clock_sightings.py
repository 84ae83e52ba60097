"""What the lake saw of each exporter's clocks, told apart into epochs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.minutes import range_values
from tidegauge.clock.epochs import UPTIME_CYCLE, Epochs
from tidegauge.clock.sighting import Sighting
from tidegauge.flow.addresses import text_from_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tidegauge.clock.feasible_set import Limit
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.engines.duckdb import Engine

WALL, UPTIME = "wall", "uptime"

_KEY = "exporter, observation_domain, protocol_version, clock"

# The last day of each clock: all of its last two minutes, then one sighting in ten seconds, then one in two
# minutes. What a clock gains in that time is far less than the delays that the sightings hide.
_SQL = f"""
WITH heard AS (
  SELECT {_KEY}, max(epoch_ns(received)) AS latest FROM sightings
  WHERE ($since IS NULL OR epoch_ns(received) >= $since) AND ($until IS NULL OR epoch_ns(received) < $until)
  GROUP BY {_KEY}
),
aged AS (
  SELECT sightings.*, heard.latest - epoch_ns(sightings.received) AS age, heard.latest AS latest
  FROM sightings JOIN heard
    ON sightings.exporter = heard.exporter AND sightings.observation_domain = heard.observation_domain
    AND sightings.protocol_version = heard.protocol_version AND sightings.clock = heard.clock
  WHERE epoch_ns(sightings.received) > heard.latest - 86400000000000
    AND epoch_ns(sightings.received) <= heard.latest
    AND ($since IS NULL OR epoch_ns(sightings.received) >= $since)
),
grained AS (
  SELECT *, CASE WHEN age < 120000000000 THEN 1000000000 WHEN age < 3600000000000 THEN 10000000000
    ELSE 120000000000 END AS grain
  FROM aged
)
SELECT CAST(exporter AS BLOB), observation_domain, protocol_version, clock,
  epoch_ns(arg_max(ahead_at, ahead)), max(ahead), epoch_ns(arg_min(behind_at, behind)), min(behind),
  sum(headers), min(quantum), max(latest), max(epoch_ns(received)) AS told
FROM grained GROUP BY {_KEY}, grain, epoch_ns(received) // grain
ORDER BY {_KEY}, told"""


class ClockKey(NamedTuple):
    """Whose clock it is. Of several protocol versions the one heard last is meant."""

    exporter: str
    observation_domain: int
    clock: str


class HardLimits(NamedTuple):
    """What is known of a clock from elsewhere, such as two-way observations, without any assumption."""

    floors: Sequence[Limit] = ()
    ceilings: Sequence[Limit] = ()


def clock_epochs(
    engine: Engine, time_range: TimeRange, limits: Mapping[ClockKey, HardLimits] | None = None
) -> dict[ClockKey, Epochs]:
    """The epochs of each clock seen in the range, of at most its last day."""
    limits = limits or {}
    latest: dict[ClockKey, int] = {}
    found: dict[ClockKey, Epochs] = {}
    rows = engine.rows(_SQL, range_values(time_range))
    for (exporter, domain, _, clock), group in groupby(rows, key=lambda row: row[:4]):
        key, seen = ClockKey(text_from_address(exporter), domain, clock), list(group)
        if seen[0][-2] > latest.get(key, -1):
            latest[key] = seen[0][-2]
            found[key] = epochs = Epochs(cycle=UPTIME_CYCLE if clock == UPTIME else None)
            epochs.see_all(_sightings(seen), *limits.get(key, HardLimits()))
    return found


def _sightings(rows: list[tuple[int, ...]]) -> Iterator[tuple[Sighting, int]]:
    for ahead_at, ahead, behind_at, behind, headers, quantum in (row[4:10] for row in rows):
        yield Sighting(ahead_at, ahead, behind_at, behind, headers), quantum
