"""Passings: packets of our own exchanges as exporters tell of them, and what that says of their clocks.

Which records these are is decided in ``query/passings.py``.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.minutes import range_values
from tidegauge.clock.reading_step import step_of
from tidegauge.clock.two_way import Passing, limits_of_exchange
from tidegauge.flow.addresses import uuid_text
from tidegauge.query.passings import ASKED, CAME, EXTENT, PASSINGS, READINGS, SIDES, WENT, WINDOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.clock.feasible_set import Limit
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.engines.duckdb import Engine

_SECOND = 1_000_000_000
_MILLISECOND = 1_000_000


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
    clock_bound: int | None
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
    def is_relative(self) -> bool:
        """Whether nobody knew for some of them how far our own clock was off."""
        return any(seen.clock_bound is None for seen in self.seen)

    def since(self, instant: int) -> tuple[list[Limit], list[Limit]]:
        """The floors and the ceilings from a moment on."""
        floors = [floor for floor in self.floors if floor.at >= instant]
        return floors, [ceiling for ceiling in self.ceilings if ceiling.at >= instant]

    @property
    def exchanges(self) -> int:
        """How many exchanges bound it."""
        return len(self.floors)


def exchanges_asked(engine: Engine, time_range: TimeRange) -> list[Asked]:
    """Our exchanges in the range, numbered as ``Seen`` does. Inside ``exchanges_seen``."""
    return [Asked(*row) for row in engine.rows(ASKED, range_values(time_range))]


def asked_between(engine: Engine, time_range: TimeRange) -> tuple[int | None, int | None]:
    """When the first of them began and the last ended; None without any."""
    [(first, last)] = engine.rows(EXTENT, range_values(time_range))
    return first, last


def two_way(engine: Engine, time_range: TimeRange) -> list[TwoWay]:
    """What our exchanges in the range say of each exporter's clock. Inside ``exchanges_seen``.

    The engine has to see flows whatever times they tell.
    """
    first, last = asked_between(engine, time_range)
    if first is None or last is None:
        return []
    values = range_values(time_range)
    values |= {"first": first - WINDOW, "last": last + WINDOW}
    by_key = defaultdict[Key, list[Seen]](list)
    engine.keep("sides", SIDES, values)
    window = {name: values[name] for name in ("first", "last")}
    engine.keep("joined", CAME, window)
    engine.rows(f"INSERT INTO joined {WENT}", window)
    for exporter, domain, version, *seen in engine.rows(PASSINGS):
        by_key[Key(exporter, domain, version)].append(Seen(*seen))
    for made in ("sides", "joined"):
        engine.rows(f"DROP TABLE {made}")
    return [_bounded(key, seen, reading_step(engine, key, window)) for key, seen in by_key.items()]


def reading_step(engine: Engine, key: Key, window: dict[str, int | str | bytes | None]) -> int:
    """How coarse the times in an exporter's records are, by some that arrived in the window."""
    asked = {
        "exporter": uuid_text(int.from_bytes(key.exporter, "big")),
        "domain": key.observation_domain,
        "version": key.protocol_version,
    }
    return step_of(reading for (reading,) in engine.rows(READINGS, window | asked))


def _bounded(key: Key, seen: Sequence[Seen], step: int) -> TwoWay:
    floors, ceilings = [], []
    for _, group in groupby(seen, key=lambda each: each.exchange):
        records = list(group)
        passings = [passing(key, each.reading, step, is_delta=each.is_delta) for each in records]
        first = records[0]
        floor, ceiling = limits_of_exchange(first.sent, first.received, passings, first.clock_bound or 0)
        floors.append(floor)
        ceilings.append(ceiling)
    return TwoWay(key, tuple(floors), tuple(ceilings), step, tuple(seen))


def passing(key: Key, reading: int, step: int, *, is_delta: bool) -> Passing:
    """What the clock showed: times are cut, so it was up to a step further.

    In NetFlow both uptimes were cut, of the header and of the record, and then the header's seconds.
    """
    if not key.protocol_version.startswith("netflow"):
        return Passing(reading, reading + step + (_SECOND if is_delta else 0))
    is_fine = key.protocol_version == "netflow5" and reading % _MILLISECOND != 0
    return Passing(reading - step, reading + step + (0 if is_fine else _SECOND))
