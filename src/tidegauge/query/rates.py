"""Rates: the bytes of each group in each of many equal steps of time, both ways, sampling multiplied out.

``in`` and ``out`` are an interface's where the question is about interfaces, else those of the home networks.
A flow says which interface it came in by and which it left by. Where one exporter meters both arrivals and
departures, it reports the same packets twice; so an interface's arrivals are taken from the records
metered on arrival (``direction`` 0 or untold), and only where it has none from those metered on departure;
its departures the other way round. Interface 0 is no interface: dropped, or for the exporter itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.fields import FIELDS
from tidegauge.query.grouping import Key
from tidegauge.query.predicate import column
from tidegauge.query.ranking import source_of
from tidegauge.query.sampling import FACTOR
from tidegauge.query.spreading import share
from tidegauge.query.statement import Column
from tidegauge.query.traits import UNKNOWN, Traits
from tidegauge.query.vocabulary import field_or_pair

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.query.source import Source

INTERFACES = ("exporter", "interface")
METRICS = ("bytes_down", "bytes_up")

_FIELD = {field.name: field for field in FIELDS}
_INTERFACE_WORDS = frozenset({"interface", "in_interface", "out_interface"})


@dataclass(frozen=True, slots=True)
class Steps:
    """Where steps begin, how long they are and how many there are, in nanoseconds."""

    since: int
    width: int
    count: int

    @property
    def until(self) -> int:
        """The end of the last step, excluded."""
        return self.since + self.width * self.count


@dataclass(frozen=True, slots=True)
class Rates:
    """Common table expressions that end in ``rates``, and what they are made of.

    ``rates`` has a row for each group and step with traffic: ``g0…`` the group, ``step`` its number,
    ``bytes_in``, ``bytes_out``. ``columns`` describe the group.
    """

    sql: str
    source: Source
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The inner names of the group's columns."""
        return tuple(f"g{index}" for index in range(len(self.columns)))


def rates(query: Query, time_range: TimeRange, steps: Steps, traits: Traits = UNKNOWN) -> Rates:
    """The rates of what ``query.by`` names, by exporter and interface unless it says otherwise.

    ``time_range`` is the range of the steps. Raises QuestionError.
    """
    by = query.by or INTERFACES
    is_of_interfaces = any(_is_interface(words) for words in by)
    others = tuple(words for words in by if not _is_interface(words))
    plain = source_of(msgspec.structs.replace(query, by=others, metrics=METRICS), time_range)
    plain = replace(plain, traits=traits)
    if not is_of_interfaces:
        return _of_home(_with_factors(plain), steps)
    named = next(words for words in by if _is_interface(words)).strip()
    return _of_interfaces(plain, steps, by, named)


def nearest_rank(amount: str, percentile: float, samples: int) -> str:
    """The aggregate that takes a percentile of an amount over ``samples`` steps, of which rows are not 0.

    The percentile is known to a thousandth, and 0.95 is no double: hence whole numbers.
    """
    rank = -(-round(percentile * 1000) * samples // 100_000)
    at = f"{rank} - {samples} + count(*)"
    return f"(CASE WHEN {at} < 1 THEN 0 ELSE list_sort(list({amount}))[{at}] END)"


def _is_interface(words: str) -> bool:
    entry = field_or_pair(words.strip())
    return entry is not None and entry.name in _INTERFACE_WORDS


def _with_factors(source: Source) -> Source:
    return replace(source, measures=tuple(replace(measure, factor=FACTOR) for measure in source.measures))


def _of_home(source: Source, steps: Steps) -> Rates:
    names = [f"k{index} AS g{index}" for index in range(len(source.keys))]
    selected = ", ".join([*names, "step", "s0 AS bytes_in", "s1 AS bytes_out"])
    sql = f"{source.inside()}, {_spread(source, steps)}, rates AS (SELECT {selected} FROM spread)"
    return Rates(sql, source, tuple(key.column for key in source.keys))


def _of_interfaces(source: Source, steps: Steps, by: tuple[str, ...], named: str) -> Rates:
    """Each flow stands at two interfaces; which records an interface is counted by is chosen at the end."""
    count = len(source.keys)
    fields = tuple(_FIELD[name] for name in ("in_interface", "out_interface", "direction"))
    extra = tuple(Key(Column(field.name, field.type), column(field), fields=(field,)) for field in fields)
    measure = replace(source.measures[0], name="bytes", counter="bytes", factor=FACTOR)
    wide = replace(source, keys=(*source.keys, *extra), measures=(measure,))
    came, left, direction = (f"k{count + index}" for index in range(len(extra)))
    keys = [f"k{index}" for index in range(count)]
    place = next(index for index, words in enumerate(by) if words.strip() == named)
    order = [*keys[:place], "interface", *keys[place:]]
    group = ", ".join(f"{name} AS g{index}" for index, name in enumerate(order))
    arrived = (
        f"SELECT *, {came} AS interface, TRUE AS is_in, coalesce({direction}, 0) = 0 AS is_own FROM spread"
    )
    departed = (
        f"SELECT *, {left} AS interface, FALSE AS is_in, coalesce({direction}, 0) = 1 AS is_own FROM spread"
    )
    within = ", ".join([*keys, "interface", "is_in"])
    sql = f"""{wide.inside()}, {_spread(wide, steps)},
        ended AS ({arrived} UNION ALL {departed}),
        told AS (
            SELECT *, bool_or(is_own) OVER (PARTITION BY {within}) AS has_own
            FROM ended WHERE interface <> 0),
        rates AS (
            SELECT {group}, step, sum(s0) FILTER (WHERE is_in) AS bytes_in,
                sum(s0) FILTER (WHERE NOT is_in) AS bytes_out
            FROM told WHERE is_own = has_own GROUP BY ALL)"""
    columns = [key.column for key in source.keys]
    columns.insert(place, Column(named, "uint32"))
    return Rates(sql, wide, tuple(columns))


def _spread(source: Source, steps: Steps) -> str:
    """The table ``spread``: ``s0…``, the share of each counter in each step, summed by the keys."""
    since, width = (
        f"CAST({source.parameters.add(number)} AS BIGINT)" for number in (steps.since, steps.width)
    )
    first = f"greatest(lived_from, {source.since})"
    last = f"least(lived_to, {source.until})"
    names = ", ".join([*(f"k{index}" for index in range(len(source.keys))), "step"])
    sums = ", ".join(
        f"sum(CAST({share(f'm{index}', 'edge', 'next_edge')} AS HUGEINT) * x{index}) AS s{index}"
        for index in range(len(source.measures))
    )
    return f"""
        stepped AS (
            SELECT *, unnest(range(({first} - {since}) // {width},
                (greatest({first}, {last} - 1) - {since}) // {width} + 1)) AS step FROM inside),
        edged AS (
            SELECT *, greatest({first}, {since} + step * {width}) AS edge,
                least({last}, {since} + (step + 1) * {width}) AS next_edge FROM stepped),
        spread AS (SELECT {names}, {sums} FROM edged GROUP BY {names})"""
