"""The flows a question is about, as SQL: filtered, split by direction, and placed in time.

Every statement that counts starts from the table ``inside`` built here. Its columns: ``k0…`` the keys,
``m0…`` the counters, ``n0…`` those beside them, ``x0…`` their factors, ``v0…`` the values to tell apart,
``weight`` (1 for a row that counts as a flow of its group),
``weight_ungrouped`` (the same where all is one group), ``lived_from`` and ``lived_to`` (nanoseconds).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.flow.fields import FIELDS
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.alternatives import branches
from tidegauge.query.direction import with_direction
from tidegauge.query.duplicates import RELATION, counted_once
from tidegauge.query.flow_keys import ASKED
from tidegauge.query.grouping import Key
from tidegauge.query.lookups import joined, lookups_of
from tidegauge.query.named import RELATION as NAMED
from tidegauge.query.named import known, known_field
from tidegauge.query.predicate import column, predicate
from tidegauge.query.statement import Column
from tidegauge.query.traits import UNKNOWN, Traits
from tidegauge.query.vocabulary import PAIRS, field_or_pair

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.flow.field import Field
    from tidegauge.query.measure import Measure
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.syntax import Term
    from tidegauge.query.vocabulary import Find

RAW_LIFE = """\
epoch_ns(coalesce(start, "end", received)) AS raw_start,
epoch_ns(coalesce("end", start, received)) AS raw_end"""
_TURNED = tuple(
    (field.name.removeprefix("reverse_"), field.name) for field in FIELDS if field.name.startswith("reverse_")
)


@dataclass(frozen=True, slots=True)
class Source:
    """What every counting statement is built from."""

    term: Term
    since: str
    until: str
    keys: tuple[Key, ...]
    measures: tuple[Measure, ...]
    parameters: Parameters
    counts_once: bool = False
    direction: str = ""
    needs: tuple[str, ...] = ()
    """Lookups that keys and counters speak of by themselves, not through their fields."""
    traits: Traits = UNKNOWN
    is_named: bool = False
    """Whether the flows are taken from where their names stand beside them."""

    def field(self, field: Field) -> Field:
        """A field as it is over the flows taken."""
        return known_field(field) if self.is_named else field

    def key(self, field: Field) -> Key:
        """The key that groups by a field."""
        taken = self.field(field)
        return Key(Column(field.name, field.type, field.unit), column(taken), fields=(taken,))

    @property
    def lookups(self) -> tuple[str, ...]:
        """Every relation that must exist before a statement over this can run."""
        once = (RELATION,) if self.counts_once and RELATION not in self._joins else ()
        named = (NAMED,) if self.is_named else ()
        return (*named, *once, *self._joins)

    @property
    def _find(self) -> Find:
        return known if self.is_named else field_or_pair

    @property
    def _joins(self) -> tuple[str, ...]:
        """What the filter, the keys and the metrics are computed from."""
        counted = (self.field(measure.field) for measure in self.measures if measure.field)
        keyed = (field for key in self.keys for field in key.fields)
        return lookups_of(self.term, (*keyed, *counted), self.needs, self._find)

    @property
    def _flows(self) -> str:
        relation = ASKED if self.traits.are_asked else "flows"
        relation = NAMED if self.is_named else relation
        return joined(counted_once(relation) if self.counts_once else relation, self._joins)

    def inside(self) -> str:
        """Common table expressions that end in ``inside``."""
        ways = [self._forward(), self._backward()] if self.traits.has_reverse else [self._forward()]
        return f"""
            picked AS ({" UNION ALL ".join(ways)}),
            lived AS (SELECT *, {lifetime(self.parameters)} FROM picked),
            inside AS (SELECT * FROM lived WHERE {overlap(self.since, self.until)})"""

    def _forward(self) -> str:
        """A SELECT for each branch of the filter: either side of a flow in one condition skips no block."""
        columns = self._columns("1", "1")
        conditions = (predicate(branch, self.parameters, self._find) for branch in branches(self.term))
        return " UNION ALL ".join(
            f"SELECT {columns} FROM {self._flows} WHERE {with_direction(condition, self.direction)}"
            for condition in conditions
        )

    def _backward(self) -> str:
        """The other direction of records that carry both (RFC 5103).

        Such a record is one row, so it counts as a second flow only where it belongs to another
        group than its forward direction, or where the filter takes it alone.
        """
        where = with_direction(predicate(self.term, self.parameters, self._find), self.direction)
        plain = [(index, key.sql) for index, key in enumerate(self.keys) if not key.is_either_side]
        same = " AND ".join(
            ["forward", *(f"({sql}) IS NOT DISTINCT FROM forward_{index}" for index, sql in plain)]
        )
        forward = "".join(f", {sql} AS forward_{index}" for index, sql in plain)
        turned = f"""
            (SELECT flows.* REPLACE ({_swaps()}), ({where}) IS TRUE AS forward{forward}
             FROM {self._flows}
             WHERE reverse_bytes IS NOT NULL OR reverse_packets IS NOT NULL)"""
        return f"""
            SELECT {self._columns(f"CAST(NOT ({same}) AS INTEGER)", "CAST(NOT forward AS INTEGER)")}
            FROM {joined(turned, self._joins)} WHERE {where}"""

    def _columns(self, weight: str, weight_ungrouped: str) -> str:
        columns = [f"{weight} AS weight", f"{weight_ungrouped} AS weight_ungrouped", RAW_LIFE]
        columns += [f"{key.sql} AS k{index}" for index, key in enumerate(self.keys)]
        for index, measure in enumerate(self.measures):
            if measure.counter:
                columns.append(f"CAST({measure.counter} AS UBIGINT) AS m{index}")
            if measure.factor:
                columns.append(f"{measure.factor} AS x{index}")
            if measure.beside:
                columns.append(f"CAST({measure.beside} AS UBIGINT) AS n{index}")
            if measure.field:
                columns.append(f"{column(self.field(measure.field))} AS v{index}")
        return ", ".join(columns)


def bounds(time_range: TimeRange, parameters: Parameters) -> tuple[str, str]:
    """SQL for both ends of the range; empty where it is open."""
    ends = (time_range.since, time_range.until)
    since, until = ("" if end is None else f"CAST({parameters.add(end)} AS BIGINT)" for end in ends)
    return since, until


def lifetime(parameters: Parameters) -> str:
    """Select ``lived_from`` and ``lived_to`` from ``raw_start`` and ``raw_end``.

    A flow that ends before it starts has no length. The inner ``greatest`` keeps the subtraction
    from overflowing where a broken clock put the end before 1970.
    """
    age = f"CAST({parameters.add(MAX_FLOW_AGE)} AS BIGINT)"
    end = "greatest(raw_start, raw_end)"
    return f"""\
{end} AS lived_to, least({end}, greatest(raw_start, greatest({end}, 0) - {age})) AS lived_from,
raw_start < least({end}, greatest({end}, 0) - {age}) AS is_clamped"""


def overlap(since: str, until: str) -> str:
    """The condition that a flow's life overlaps the range."""
    conditions = [f"lived_to >= {since}"] if since else []
    if until:
        conditions.append(f"lived_from < {until}")
    return " AND ".join(conditions) or "TRUE"


def _swaps() -> str:
    pairs = [*((pair.left.name, pair.right.name) for pair in PAIRS), *_TURNED]
    swaps = [f"{b} AS {a}, {a} AS {b}" for a, b in pairs]
    # Where one direction comes in, the other leaves; and nobody says how far the other's packets had come.
    return ", ".join([*swaps, "CASE WHEN direction < 2 THEN 1 - direction END AS direction", "NULL AS ttl"])
