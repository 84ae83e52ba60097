"""Passings: which flow records are those of our own exchanges, and what they say of their exporters' clocks.

An exchange is found by its ends, which no other packet has, as they were before or after address
translation. Reported times play no part in that: the clock may be days off. What counts is when the record
arrived: after the question was sent, by our own clock, and not long after its end. A record that may
be of something else bounds nothing: see ``_SQL``.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.minutes import range_values
from tidegauge.clock.reading_step import step_of
from tidegauge.clock.two_way import Passing, limits_of_exchange
from tidegauge.flow.addresses import uuid_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.clock.feasible_set import Limit
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.engines.duckdb import Engine

WINDOW_SECONDS = 3600
"""How long after an exchange its records are waited for: exporters hold long connections back."""

_SECOND = 1_000_000_000
_MILLISECOND = 1_000_000
_WINDOW = WINDOW_SECONDS * _SECOND
_TCP, _SYN = 6, 2
_SAMPLE = 2_000
"""So many records of an exporter show the step of its clock."""


def _instant(name: str) -> str:
    return f"CAST(make_timestamp_ns(CAST(${name} AS BIGINT)) AS TIMESTAMPTZ_NS)"


_ENDS = "client_address, client_port, server_address, server_port, protocol"
_ASKED = f"""
asked AS (
    SELECT *, row_number() OVER (ORDER BY sent, {_ENDS}) AS exchange,
        lag(sent) OVER ends AS sent_before, lead(sent) OVER ends AS sent_after
    FROM (SELECT DISTINCT * REPLACE (epoch_ns(sent) AS sent, epoch_ns(received) AS received) FROM exchanges)
    WINDOW ends AS (PARTITION BY {_ENDS} ORDER BY sent)
    QUALIFY ($since IS NULL OR received >= CAST($since AS BIGINT))
        AND ($until IS NULL OR sent < CAST($until AS BIGINT))
)"""

# Where ends were used again so soon that a record may be of either exchange, the later one tells nothing.
_IS_ALONE = f"sent_before IS NULL OR sent_before < sent - {_WINDOW}"
_ASKED_SQL = f"""
WITH {_ASKED}
SELECT exchange, CAST(client_address AS BLOB), CAST(server_address AS BLOB), protocol = {_TCP}, sent
FROM asked WHERE {_IS_ALONE} ORDER BY exchange"""

_SIDES = f"""
sides AS (
    SELECT exchange, is_question, protocol, sent, received, coalesce(clock_bound, 0) AS clock_bound,
        sent - {_SECOND} - coalesce(clock_bound, 0) AS since,
        least(received + {_WINDOW}, coalesce(sent_after, received + {_WINDOW})) AS until,
        CASE WHEN is_question THEN client_address ELSE server_address END AS from_address,
        CASE WHEN is_question THEN client_port ELSE server_port END AS from_port,
        CASE WHEN is_question THEN server_address ELSE client_address END AS to_address,
        CASE WHEN is_question THEN server_port ELSE client_port END AS to_port
    FROM asked CROSS JOIN (VALUES (TRUE), (FALSE)) AS ways (is_question)
    WHERE {_IS_ALONE}
)"""

# The ends of a record as its packets had them when they came, and where it tells so, when they went.
_TOLD = f"""
SELECT exporter, observation_domain, protocol_version, protocol, epoch_ns(received) AS arrival,
    epoch_ns(start) + coalesce(clock_correction, 0) AS reading, packets, tcp_flags, sampling_interval,
    in_interface, out_interface, direction, [each.element FOR each IN other] AS kept, {{ends}}
FROM flows WHERE received >= {_instant("first")} AND received < {_instant("last")}"""
_CAME = "src_addr AS from_address, src_port AS from_port, dst_addr AS to_address, dst_port AS to_port"
_WENT = """coalesce(nat_src_addr, src_addr) AS from_address, coalesce(nat_src_port, src_port) AS from_port,
    coalesce(nat_dst_addr, dst_addr) AS to_address, coalesce(nat_dst_port, dst_port) AS to_port"""
_IS_TRANSLATED = """ AND (nat_src_addr <> src_addr OR nat_src_port <> src_port
    OR nat_dst_addr <> dst_addr OR nat_dst_port <> dst_port)"""
_ENDS_TOLD = f"""
ends AS NOT MATERIALIZED (
    {_TOLD.format(ends=_CAME)} UNION ALL {_TOLD.format(ends=_WENT)}{_IS_TRANSLATED}
)"""

# A record tells when a packet of ours passed if its first packet must be that one: it opens the connection,
# or is the only one. Two such at one observation point cannot both be, so neither counts. Where the uptimes
# themselves were kept, nobody knew exactly what they count from.
_SQL = f"""
WITH {_ASKED}, {_SIDES}, {_ENDS_TOLD}, found AS (
    SELECT sides.exchange, sides.is_question, sides.protocol, sides.sent, sides.received, sides.clock_bound,
        ends.exporter, ends.observation_domain, ends.protocol_version, ends.arrival, ends.reading,
        ends.sampling_interval, ends.kept,
        sides.protocol = {_TCP} OR ends.packets IN (1, ends.sampling_interval) AS is_first,
        count(*) OVER (PARTITION BY sides.exchange, sides.is_question, ends.exporter, ends.observation_domain,
            ends.in_interface, ends.out_interface, ends.direction) AS candidates
    FROM sides JOIN ends USING (from_address, from_port, to_address, to_port, protocol)
    WHERE ends.arrival >= sides.since AND ends.arrival < sides.until
        AND (sides.protocol <> {_TCP} OR ends.tcp_flags & {_SYN} > 0)
)
SELECT CAST(exporter AS BLOB), observation_domain, protocol_version, exchange, is_question, protocol = {_TCP},
    sent, received, clock_bound, arrival, reading, sampling_interval,
    coalesce(list_contains(kept, 'flowStartDeltaMicroseconds'), FALSE)
FROM found WHERE candidates = 1 AND is_first AND reading IS NOT NULL AND exporter IS NOT NULL
    AND NOT coalesce(list_contains(kept, 'flowStartSysUpTime'), FALSE)
ORDER BY exporter, observation_domain, exchange, is_question DESC, reading"""

# NetFlow tells a start as so long before a header of whole seconds; how long a flow lived has no such part.
_READINGS = f"""
SELECT DISTINCT unnest(CASE WHEN protocol_version LIKE 'netflow%' THEN [0, epoch_ns("end") - epoch_ns(start)]
    ELSE [epoch_ns(start), epoch_ns("end")] END) AS reading
FROM (
    FROM flows WHERE received >= {_instant("first")} AND received < {_instant("last")}
        AND start IS NOT NULL AND "end" IS NOT NULL AND exporter = CAST($exporter AS UUID)
        AND observation_domain IS NOT DISTINCT FROM $domain AND protocol_version = $version
    LIMIT {_SAMPLE}
)"""


class Key(NamedTuple):
    """Whose clock it is."""

    exporter: bytes
    observation_domain: int | None
    protocol_version: str


class Seen(NamedTuple):
    """A packet of an exchange as one record tells of it; instants are nanoseconds since 1970.

    ``reading`` is when it passed by the exporter's clock, ``arrival`` when the record reached us. A delta is
    a distance from a header of whole seconds.
    """

    exchange: int
    is_question: bool
    is_connection: bool
    sent: int
    received: int
    clock_bound: int
    arrival: int
    reading: int
    sampling_interval: int | None
    is_delta: bool


class Asked(NamedTuple):
    """An exchange of ours that may be found in the records of exporters."""

    exchange: int
    client_address: bytes
    server_address: bytes
    is_connection: bool
    sent: int


class TwoWay(NamedTuple):
    """What the exchanges that an exporter metered say of its clock."""

    key: Key
    floors: tuple[Limit, ...]
    ceilings: tuple[Limit, ...]
    step: int
    seen: tuple[Seen, ...]

    @property
    def exchanges(self) -> int:
        """How many exchanges bound it."""
        return len(self.floors)


def exchanges_asked(engine: Engine, time_range: TimeRange) -> list[Asked]:
    """Our exchanges in the range, numbered as ``Seen`` does. Inside ``exchanges_seen``."""
    return [Asked(*row) for row in engine.rows(_ASKED_SQL, range_values(time_range))]


def two_way(engine: Engine, time_range: TimeRange) -> list[TwoWay]:
    """What our exchanges in the range say of each exporter's clock. Inside ``exchanges_seen``.

    The engine has to see flows whatever times they tell.
    """
    values = range_values(time_range)
    [(first, last)] = engine.rows(f"WITH {_ASKED} SELECT min(sent), max(received) FROM asked", values)
    if first is None:
        return []
    values |= {"first": first - _WINDOW, "last": last + _WINDOW}
    by_key = defaultdict[Key, list[Seen]](list)
    for exporter, domain, version, *seen in engine.rows(_SQL, values):
        by_key[Key(exporter, domain, version)].append(Seen(*seen))
    if not by_key:
        return []
    window = {name: values[name] for name in ("first", "last")}
    return [_bounded(key, seen, _step(engine, key, window)) for key, seen in by_key.items()]


def _step(engine: Engine, key: Key, window: dict[str, int | str | bytes | None]) -> int:
    asked = {
        "exporter": uuid_text(int.from_bytes(key.exporter, "big")),
        "domain": key.observation_domain,
        "version": key.protocol_version,
    }
    return step_of(reading for (reading,) in engine.rows(_READINGS, window | asked))


def _bounded(key: Key, seen: Sequence[Seen], step: int) -> TwoWay:
    floors, ceilings = [], []
    for _, group in groupby(seen, key=lambda each: each.exchange):
        records = list(group)
        passings = [_passing(key, each, step) for each in records]
        first = records[0]
        floor, ceiling = limits_of_exchange(first.sent, first.received, passings, first.clock_bound)
        floors.append(floor)
        ceilings.append(ceiling)
    return TwoWay(key, tuple(floors), tuple(ceilings), step, tuple(seen))


def _passing(key: Key, seen: Seen, step: int) -> Passing:
    """What the clock showed: times are cut, so it was up to a step further.

    In NetFlow both uptimes were cut, of the header and of the record, and then the header's seconds.
    """
    reading = seen.reading
    if not key.protocol_version.startswith("netflow"):
        return Passing(reading, reading + step + (_SECOND if seen.is_delta else 0))
    is_fine = key.protocol_version == "netflow5" and reading % _MILLISECOND != 0
    return Passing(reading - step, reading + step + (0 if is_fine else _SECOND))
