"""``overview``: the lake at a glance, cheap enough to ask every second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.rows import described, rows_from_tuples
from tidegauge.query.statement import Column
from tidegauge.store.engines.duckdb import Engine

if TYPE_CHECKING:
    from tidegauge.query.question import Query
    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake
    from tidegauge.store.segment import Segment

WINDOW_SECONDS = 60

_COLUMNS = (
    Column("bits_per_second", "uint64", "bits per second"),
    Column("packets_per_second", "uint64", "packets per second"),
    Column("flows_per_second", "float64", "flows per second"),
    Column("window_seconds", "uint16", "seconds"),
    Column("flows", "uint64", "flows"),
    Column("first_seen", "instant"),
    Column("last_seen", "instant"),
    Column("last_received", "instant"),
)

# By arrival, not by flow time: a flow counts once, when its record comes, so the rate neither sags while
# long flows wait for their export nor moves when an exporter's clock is wrong.
_RATES = """
SELECT coalesce(sum(bytes), 0) * 8 // $window, coalesce(sum(packets), 0) // $window, count(*) / $window
FROM flows WHERE epoch_ns(received) >= $since"""

# Nothing is seen after it was told of, whatever the clock of an exporter says.
_EXTENT = """
SELECT least($first, epoch_ns(min(coalesce(start, received)))),
  greatest($last, epoch_ns(max(least(coalesce("end", received), received)))),
  greatest($received, epoch_ns(max(received)))
FROM flows"""

_STORED = "SELECT coalesce(sum(stored), 0)::UBIGINT FROM ledger"


def overview(lake: Lake, _query: Query, now: int) -> Answer:
    """One row: the rates of the last minute by arrival, and how many flows the lake holds from when to when.

    Looks into the newest files only; of the others it knows what the manifest says. The question plays no
    part.
    """
    started = time.perf_counter()
    since = now - WINDOW_SECONDS * 1_000_000_000
    with lake.generation() as generation, Engine(generation, since=since, stock=lake.stock) as engine:
        [rates] = engine.rows(_RATES, {"since": since, "window": WINDOW_SECONDS})
        [(stored,)] = engine.rows(_STORED)
        [extent] = engine.rows(_EXTENT, _known_extent(generation))
        data = rows_from_tuples(_COLUMNS, [(*rates, WINDOW_SECONDS, stored, *extent)])
        milliseconds = round((time.perf_counter() - started) * 1000, 3)
        return Answer(data=data, columns=described(_COLUMNS), stats={"milliseconds": milliseconds})


def _known_extent(generation: Generation) -> dict[str, Any]:
    segments = generation.segments("flows")
    return {
        "first": min((s.start_min for s in segments if s.start_min is not None), default=None),
        "last": max((last for s in segments if (last := _last_seen(s)) is not None), default=None),
        "received": max((s.received_max for s in segments if s.received_max is not None), default=None),
    }


def _last_seen(segment: Segment) -> int | None:
    known = [end for end in (segment.end_max, segment.received_max) if end is not None]
    return min(known, default=None)
