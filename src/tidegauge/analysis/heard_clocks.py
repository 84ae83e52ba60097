"""What was heard of clocks in some hours, each with the hour before: all that stretches are worked out from.

To ask costs as much as to find, so hours that are all worked out anew are asked about together.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.epoch import DELAY_CAP
from tidegauge.clock.sighting import Sighting
from tidegauge.clock.timerange import TimeRange
from tidegauge.query.correction import listed
from tidegauge.store.segment import HOUR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tidegauge.store.engines.duckdb import Engine

MINUTE = 60_000_000_000

_KEY = "exporter, observation_domain, protocol_version"
_GRAIN = 30_000_000_000
_FINE_GRAIN = 1_000_000_000

# What was heard in an hour tells of that one and the next.
_OF_HOURS = f"""
SELECT *, epoch_ns(received) // {HOUR} + later AS hour
FROM sightings CROSS JOIN (SELECT 0 AS later UNION ALL SELECT 1 AS later) AS spans
WHERE {{whose}} AND epoch_ns(received) >= $since AND epoch_ns(received) < $until"""

# Half a minute is one sighting, but for those around which the clock may have been set.
_SIGHTINGS = f"""
WITH heard AS (
  SELECT *, epoch_ns(received) // {_GRAIN} AS grain FROM ({_OF_HOURS}) AS sightings
  WHERE clock = 'wall' AND hour IN ({{hours}})
), spans AS (
  SELECT hour, {_KEY}, grain, max(ahead) AS most, min(behind) AS least, max(quantum) AS quantum
  FROM heard GROUP BY hour, {_KEY}, grain
), calm AS (
  SELECT hour, {_KEY}, grain,
    greatest(most, lag(most) OVER near, lead(most) OVER near)
      - least(least, lag(least) OVER near, lead(least) OVER near) <= quantum + {DELAY_CAP} AS is_calm
  FROM spans WINDOW near AS (PARTITION BY hour, {_KEY} ORDER BY grain)
), grained AS (
  SELECT heard.*, CASE WHEN is_calm THEN {_GRAIN} ELSE {_FINE_GRAIN} END AS width
  FROM heard JOIN calm USING (hour, {_KEY}, grain)
)
SELECT hour, CAST(exporter AS BLOB), observation_domain, protocol_version,
  epoch_ns(arg_max(ahead_at, ahead)), max(ahead), epoch_ns(arg_min(behind_at, behind)), min(behind),
  sum(headers), min(quantum), max(epoch_ns(received)) AS told
FROM grained GROUP BY hour, {_KEY}, width, epoch_ns(received) // width
ORDER BY hour, {_KEY}, told"""

_AGES = f"""
SELECT hour, CAST(exporter AS BLOB), observation_domain, protocol_version, min(quantum)
FROM ({_OF_HOURS}) AS sightings WHERE clock = 'uptime' AND hour IN ({{hours}}) GROUP BY hour, {_KEY}"""

_RECORDS = f"""
SELECT CAST(exporter AS BLOB), observation_domain, protocol_version, epoch_ns(received) // {MINUTE} AS minute,
  max(epoch_ns(coalesce("end", start)) - epoch_ns(received))
FROM flows WHERE export_time IS NULL AND {{whose}}
  AND epoch_ns(received) >= $since AND epoch_ns(received) < $until AND coalesce("end", start) IS NOT NULL
GROUP BY {_KEY}, minute ORDER BY {_KEY}, minute"""


class HeardClock(NamedTuple):
    """Whose clock it is."""

    exporter: bytes
    observation_domain: int
    protocol_version: str


class Heard(NamedTuple):
    """What was heard of clocks in two hours.

    Their sightings, each with its quantum; the minutes in which records came that tell times of their own,
    and how far ahead one was; and of what their ages are multiples.
    """

    sightings: dict[HeardClock, list[tuple[Sighting, int]]]
    records: defaultdict[HeardClock, list[tuple[int, int]]]
    ages: dict[HeardClock, int]


def heard_in(engine: Engine, asked: Mapping[int, Collection[HeardClock]]) -> dict[int, Heard]:
    """What was heard, by the hour, which is counted from 1970, of the clocks asked about there."""
    span, exporters = span_of(asked), {key.exporter for keys in asked.values() for key in keys}
    words = {"whose": f"exporter IN ({listed(exporters)})", "hours": ", ".join(map(str, asked))}
    sightings, records, ages = (
        engine.rows(sql.format(**words), {"since": span.since, "until": span.until})
        for sql in (_SIGHTINGS, _RECORDS, _AGES)
    )
    heard = {hour: Heard({}, _records(records, hour, keys), {}) for hour, keys in asked.items()}
    for (hour, *told), group in groupby(sightings, key=lambda row: row[:4]):
        key = HeardClock(*told)
        if key in asked[hour]:
            heard[hour].sightings[key] = [(Sighting(*row[4:9]), row[9]) for row in group]
    for hour, *told, quantum in ages:
        key = HeardClock(*told)
        if key in asked[hour]:
            heard[hour].ages[key] = quantum
    return heard


def span_of(hours: Collection[int]) -> TimeRange:
    """The time of some hours and of the one before."""
    return TimeRange((min(hours) - 1) * HOUR, (max(hours) + 1) * HOUR)


def _records(
    rows: Iterable[tuple[bytes, int | None, str, int, int]], hour: int, keys: Collection[HeardClock]
) -> defaultdict[HeardClock, list[tuple[int, int]]]:
    found: defaultdict[HeardClock, list[tuple[int, int]]] = defaultdict(list)
    for exporter, domain, version, minute, ahead in rows:
        key = HeardClock(exporter, domain or 0, version)
        if key in keys and minute * MINUTE // HOUR in (hour - 1, hour):
            found[key].append((minute * MINUTE, ahead))
    return found
