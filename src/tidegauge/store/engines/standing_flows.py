"""Standing flows: the flows of some files as questions see them, read and put right once instead of by each.

A file never changes, and what its flows are changed by settles with time. So the flows of a lake stand in
parts, each of which serves until its files are compacted or something else is known about its clocks: a
question about a new range, or a moment later, adds what is new.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from tidegauge.store.engines.database import files_sql
from tidegauge.store.engines.tables import TABLES, empty_table
from tidegauge.store.segment import HOUR, TAIL

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    import duckdb

    from tidegauge.store.engines.stock import Kept, Stock
    from tidegauge.store.segment import Segment

MOST_STANDING = 500_000
"""Of more flows each question reads what it needs: that is fewer columns."""

REPORTED = re.compile(r"\bFROM\s+reported\b")
"""How a SELECT that replaces the flows speaks of those it replaces."""

LONG = 3 * HOUR
"""A file of longer than this stands in two: clocks of its last hours may still become better known."""

_NAME = "standing flows"
_FILLED = frozenset({"clock_correction", "clock_bound"})
_ARRIVED = "WHERE epoch_ns(received) {} {}"
_ARRIVALS = "SELECT min(epoch_ns(received)), max(epoch_ns(received)) FROM ({flows})"
_TOLD = """
SELECT DISTINCT split_part(path_in_schema, ', ', 1) FROM parquet_metadata{files}
WHERE stats_null_count IS NULL OR stats_null_count < num_values"""


class Change(Protocol):
    """How flows are changed before anybody sees them."""

    @property
    def sql(self) -> str:
        """A SELECT over ``reported``; empty where nothing is changed."""

    def reasons(self, first: int, last: int) -> frozenset[Hashable]:
        """What that rests on for flows that arrived from ``first`` to ``last``."""

    def agrees(self, reasons: frozenset[Hashable], first: int, last: int) -> bool:
        """Whether flows of these arrivals look the same to this question if changed for ``reasons``."""

    def prepare(self) -> None:
        """Make what the SELECT reads."""


class Source(NamedTuple):
    """Flows that may be in no part yet: of a file, or of a table that holds files of a tail.

    ``names`` are what they are known by. Those of a ``group`` will be compacted together. ``arrivals`` are
    the first and the last, None where nobody has looked.
    """

    names: frozenset[str]
    group: str
    path: str = ""
    condition: str = ""
    table: str = ""
    arrivals: tuple[int, int] | None = None


class Stand(NamedTuple):
    """A table in which flows stand, and when the first and the last of them arrived."""

    table: str
    first: int
    last: int


class _Part(NamedTuple):
    """What a part was made from, when its flows arrived, and what they were changed for."""

    names: frozenset[str]
    first: int
    last: int
    reasons: frozenset[Hashable]


def sources_of(segments: Iterable[Segment], blocks: Iterable[Kept]) -> list[Source]:
    """The flows of files, and of the blocks that hold the others of a tail."""
    found = [source for segment in segments for source in _of_segment(segment)]
    return found + [Source(cast("frozenset[str]", block.key), TAIL, table=block.table) for block in blocks]


def borrow_parts(
    stock: Stock, connection: duckdb.DuckDBPyConnection, sources: Iterable[Source], change: Change
) -> list[Kept]:
    """Parts that together hold the flows of all sources and no others, changed; to be given back."""
    groups: defaultdict[str, list[Source]] = defaultdict(list)
    for source in sources:
        groups[source.group].append(source)
    parts: list[Kept] = []
    with stock.making(_NAME):
        try:
            for name, group in groups.items():
                parts += _Standing(stock, connection, name, change).parts(group)
        except BaseException:
            stock.give_back(parts)
            raise
    return parts


def union_of(tables: Iterable[str]) -> str:
    """A SELECT of the flows of some parts; a column that none of these has is empty."""
    return " UNION ALL BY NAME ".join([empty_table("flows"), *(f"FROM {table}" for table in tables)])


def stands_of(parts: Iterable[Kept]) -> tuple[Stand, ...]:
    """Where the flows of parts stand."""
    return tuple(Stand(part.table, _key(part).first, _key(part).last) for part in parts)


class _Standing:
    """One group of flows that stand."""

    def __init__(
        self, stock: Stock, connection: duckdb.DuckDBPyConnection, group: str, change: Change
    ) -> None:
        self._stock = stock
        self._connection = connection
        self._name = f"{_NAME} {group}"
        self._is_tail = group == TAIL
        self._change = change

    def parts(self, sources: Iterable[Source]) -> list[Kept]:
        """The parts that hold the sources; one is made now where some are in none."""
        found = self._stock.borrow(self._name, self._serves)
        missing = {source.names: source for source in sources}
        parts, spare = [], []
        # A part stays for a while beside the larger one it was joined into: that one comes first.
        for part in sorted(found, key=lambda part: -len(_key(part).names)):
            inside = [names for names in missing if names <= _key(part).names]
            if frozenset().union(*inside) == _key(part).names:
                parts.append(part)
                missing = {names: source for names, source in missing.items() if names not in inside}
            else:
                spare.append(part)
        self._stock.give_back(spare)
        if missing:
            self._add(parts, list(missing.values()))
        return parts

    def _serves(self, key: Hashable) -> bool:
        part = cast("_Part", key)
        return self._change.agrees(part.reasons, part.first, part.last)

    def _add(self, parts: list[Kept], sources: Sequence[Source]) -> None:
        """Put sources into a part, together with the parts that are not much larger."""
        joined: list[Kept] = []
        names = frozenset[str]().union(*(source.names for source in sources))
        while parts and self._may_join(_key(parts[-1]), names):
            joined.append(parts.pop())
            names |= _key(joined[-1]).names
        try:
            arrivals = self._arrivals(sources)
            first = min([arrivals[0], *(_key(part).first for part in joined)])
            last = max([arrivals[1], *(_key(part).last for part in joined)])
            key = _Part(names, first, last, self._change.reasons(first, last))
            flows = [self._changed(sources, *arrivals), *(f"FROM {part.table}" for part in joined)]
            sql = " UNION ALL BY NAME ".join(flows)
            parts.append(self._stock.keep(self._connection, self._name, key, sql))
        except BaseException:
            self._stock.give_back(parts)
            raise
        finally:
            self._stock.give_back(joined)

    def _may_join(self, part: _Part, names: frozenset[str]) -> bool:
        if self._is_tail or len(part.names) > 2 * len(names):
            return False  # the blocks of a tail are joined themselves
        # It may serve this question with less than another would have to know: then it says what it knows.
        return part.reasons == self._change.reasons(part.first, part.last)

    def _changed(self, sources: Sequence[Source], first: int, last: int) -> str:
        flows = _union(sources)
        if self._change.sql and self._change.reasons(first, last):
            self._change.prepare()
            flows = REPORTED.sub(f"FROM ({flows}) AS reported", self._change.sql)
        columns = ", ".join(f'"{name}"' for name in self._columns(sources))
        return f"SELECT {columns} FROM ({flows})"  # noqa: S608 (names of ours)

    def _arrivals(self, sources: Sequence[Source]) -> tuple[int, int]:
        """When the first and the last of the flows arrived."""
        known = [source.arrivals for source in sources if source.arrivals]
        if unread := [source for source in sources if not source.arrivals]:
            found = self._connection.execute(_ARRIVALS.format(flows=_union(unread))).fetchone()
            if found and found[0] is not None:
                known.append(found)
        return min((first for first, _ in known), default=0), max((last for _, last in known), default=0)

    def _columns(self, sources: Sequence[Source]) -> Iterable[str]:
        """The columns that some flow has, as far as footers tell, and those that a change fills."""
        if any(source.table for source in sources):
            return TABLES["flows"]
        files = files_sql(source.path for source in sources).removeprefix("read_parquet")
        told = {name for (name,) in self._connection.execute(_TOLD.format(files=files)).fetchall()}
        return [name for name in TABLES["flows"] if name in told or name in _FILLED]


def _key(part: Kept) -> _Part:
    return cast("_Part", part.key)


def _of_segment(segment: Segment) -> Iterator[Source]:
    path, first, last = segment.path, segment.received_min, segment.received_max
    if first is None or last is None:
        yield Source(frozenset({path}), TAIL if segment.level == TAIL else path, path)
        return
    # Hours are joined a day later; until then each stands alone, since other ranges begin with others.
    group = f"minutes of {segment.filed}" if segment.level == "minute" else path
    if last - first <= LONG:
        yield Source(frozenset({path}), group, path, arrivals=(first, last))
        return
    border = last // HOUR * HOUR - HOUR
    yield Source(
        frozenset({f"{path} early"}), group, path, _ARRIVED.format("<", border), arrivals=(first, border - 1)
    )
    late = f"{path} late"
    yield Source(frozenset({late}), late, path, _ARRIVED.format(">=", border), arrivals=(border, last))


def _union(sources: Iterable[Source]) -> str:
    """A SELECT of the flows of some sources, files of the same condition read together."""
    paths: defaultdict[str, list[str]] = defaultdict(list)
    parts = []
    for source in sources:
        if source.table:
            parts.append(f"FROM {source.table}")
        else:
            paths[source.condition].append(source.path)
    parts += [f"FROM {files_sql(found)} {condition}" for condition, found in paths.items()]
    return " UNION ALL BY NAME ".join(parts)
