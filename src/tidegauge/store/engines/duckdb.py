"""DuckDB over one generation of the lake: in this process, straight on the Parquet files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from tidegauge.flow.addresses import Network, network_from_text, uuid_text
from tidegauge.store.engines.database import failure_told, files_sql, open_database, prepare
from tidegauge.store.engines.found_flows import FoundFlows
from tidegauge.store.engines.ledger import OWED, counted, make_owed, may_stand
from tidegauge.store.engines.standing_flows import (
    MOST_STANDING,
    REPORTED,
    borrow_parts,
    sources_of,
    stands_of,
    union_of,
)
from tidegauge.store.engines.statistics import Part, Statistics, parts_sql, statistics_of
from tidegauge.store.engines.tables import COLUMN_OF_FLOWS, TABLES, empty_table
from tidegauge.store.engines.tail_blocks import borrow_blocks
from tidegauge.store.reconciliation import unstored
from tidegauge.store.segment import TAIL, newest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

    import duckdb

    from tidegauge.store.engines.found_flows import Demand
    from tidegauge.store.engines.standing_flows import Change, Source, Stand
    from tidegauge.store.engines.stock import Kept, Stock
    from tidegauge.store.fault import Fault
    from tidegauge.store.generation import Generation
    from tidegauge.store.segment import Segment

HOME_NETWORKS = tuple(
    network_from_text(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)
"""Private and link-local ranges (RFC 1918, 3927, 4193, 4291): home, unless configured otherwise."""

# The near end is the one at home; where both are or neither is, the one with the higher port asked first.
_NEAR = """near_is_source(src_addr, dst_addr, src_port, dst_port) AS (
  CASE WHEN is_home(src_addr) = is_home(dst_addr) THEN coalesce(src_port, 0) >= coalesce(dst_port, 0)
       ELSE is_home(src_addr) END)"""

_READS = {
    table: re.compile(rf"(?<!DISTINCT )\b(?:FROM|JOIN|VIEW|DESCRIBE)\s+{table}\b(?!\.)", re.IGNORECASE)
    for table in TABLES
}

_FOUND = "found_flows"

Result = TypeVar("Result")

Select = tuple[str, Mapping[str, Any]]
"""A SELECT over the tables of the lake, and its values."""

MOST_SIGHTINGS = 20_000_000
"""Of more, the newest are seen: a day of a hundred exporters, and half a second to look through."""

LEAST_ROWS = 1_000_000
"""So many flows are worth asking the footers of their files about."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a question had to look at: rows and bytes as the manifest states them, so without the tail's."""

    rows: int
    files: int
    bytes: int


class Engine:
    """A connection that sees ``flows``, ``options``, ``sightings`` and ``ledger`` of a generation.

    It knows the macros ``is_home(address)`` and ``near_is_source(src_addr, dst_addr, src_port, dst_port)``.

    Flows and sightings are limited to the files that may touch ``[since, until)``; rows still have to be
    filtered. Of very many sightings the newest are seen.
    The ledger includes what a killed collector still owes. Close it, or use ``with``.
    """

    def __init__(
        self,
        generation: Generation,
        since: int | None = None,
        until: int | None = None,
        home: Iterable[Network] = HOME_NETWORKS,
        stock: Stock | None = None,
    ) -> None:
        """With a ``stock`` the database is the one shared there, and what it keeps is not made again."""
        self._stock = stock
        self._borrowed: list[Kept] = []
        self._relations: set[str] = set()
        self._replacements = 0
        self._told: dict[str, Part | None] = {}  # what footers told, without a stock to keep it
        self._needed: set[str] = set()  # columns that replacements name
        self._flows: tuple[list[str], list[str]] = ([], [])  # the files and the tables that hold them
        self._sources: list[Source] = []
        self._stands: tuple[Stand, ...] = ()
        self._change: Change | None = None  # by which flows will stand, once a statement reads them
        # What tables are, until a statement reads them: to say so takes a while.
        self._unseen: dict[str, str] = {}
        self._standing_ledger: Hashable = None  # its state, where it stands in one table
        self.faults: list[Fault] = []
        """Files that the question would read, were they not damaged."""
        self.removed_before: int | None = None
        """Before when flows had arrived that retention removed."""
        self.connection = stock.connect() if stock else open_database()
        try:
            with failure_told():
                prepare(self.connection)
                make_macros(self.connection, home)
                self._make_tables(generation, since, until)
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement with named parameters (``$name``).

        Raises LakeUnreadableError for a damaged file and QuestionTooLargeError where memory does not suffice.
        """
        self._see(sql)
        with failure_told():
            return self.connection.execute(sql, dict(values or {})).fetchall()

    def relation(self, sql: str, values: Mapping[str, Any]) -> duckdb.DuckDBPyRelation:
        """A SELECT whose rows are made as they are taken, as long as this is open."""
        self._see(sql)
        return self.connection.sql(sql, params=dict(values))

    def share(self, relation: str, key: Hashable | None, make: Callable[[], object]) -> None:
        """Let statements see a relation, which ``make`` makes as a ``TEMP TABLE`` of that name.

        It is not made where this question did so already, or where another did that gave an equal ``key``.
        With None for a key it is for this question alone.
        """
        if self.sees(relation):
            return
        if self._stock is None or key is None:
            make()
        else:
            self._share(self._stock, relation, key, make)
        self._relations.add(relation)

    def share_rows(
        self, relation: str, key: Hashable, select: Callable[[], Select], fits: Callable[[Any], bool]
    ) -> None:
        """Let statements see the rows of a SELECT as a relation, of which there may be many.

        They are those of another question where its key ``fits``. ``select`` first makes what it reads.
        """
        if self.sees(relation):
            return
        self._relations.add(relation)
        if self._stock is None:
            self.keep(relation, *select())
            return
        with self._stock.making(relation):
            found = self._stock.borrow(relation, fits)
            if not found:
                sql, values = select()
                self._see(sql)
                with failure_told():
                    found = [self._stock.keep(self.connection, relation, key, sql, values)]
            self._borrowed += found
        self.rows(f"CREATE TEMP VIEW {relation} AS FROM {found[0].table}")

    def share_pieces(
        self, relation: str, groups: Iterable[Mapping[str, Hashable]], select: Callable[[str], Select]
    ) -> None:
        """Let statements see what a SELECT makes of the flows that stand, kept for each of their tables.

        A group maps tables to all that rows made of them depend on; what is missing of it is made at once.
        ``select`` is given a SELECT of flows.
        """
        if self._stock is None or self.sees(relation):
            raise RuntimeError(f"{relation} is there already, or nothing is kept")
        self._relations.add(relation)
        pieces: list[Kept] = []
        with self._stock.making(relation):
            for group in groups:
                pieces += self._pieces(self._stock, relation, group, select)
        self.rows(f"CREATE TEMP VIEW {relation} AS {' UNION ALL '.join(f'FROM {p.table}' for p in pieces)}")

    def _pieces(
        self, stock: Stock, relation: str, group: Mapping[str, Hashable], select: Callable[[str], Select]
    ) -> list[Kept]:
        """The pieces of one group, which are given back when this is closed."""
        missing = dict(group)
        pieces = []
        borrowed = stock.borrow(f"pieces of {relation}", lambda key: _piece(key) <= group.items())
        self._borrowed += borrowed
        for found in sorted(borrowed, key=lambda kept: -len(_piece(kept.key))):
            tables = [table for table, _ in _piece(found.key)]
            if all(table in missing for table in tables):
                pieces.append(found)
                for table in tables:
                    del missing[table]
        if missing:
            sql, values = select(union_of(missing))
            with failure_told():
                key = frozenset(missing.items())
                pieces.append(stock.keep(self.connection, f"pieces of {relation}", key, sql, values))
            self._borrowed.append(pieces[-1])
        return pieces

    def sees(self, relation: str) -> bool:
        """Whether statements see a relation that was shared."""
        return relation in self._relations

    def _share(self, stock: Stock, relation: str, key: Hashable, make: Callable[[], object]) -> None:
        with stock.making(relation):
            found = stock.borrow(relation, key.__eq__)
            self._borrowed += found
            if found:
                self.rows(f"CREATE TEMP VIEW {relation} AS FROM {found[0].table}")
                return
            make()
            with failure_told():
                self._borrowed.append(stock.keep(self.connection, relation, key, f"FROM temp.{relation}"))

    def remembered(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """What ``make`` gives, or gave to another question for an equal key."""
        return self._stock.remembered(key, make) if self._stock else make()

    def keep(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Keep the rows of a SELECT over the tables of the lake as a relation."""
        self.rows(f"CREATE TEMP TABLE {name} AS {sql}", values)

    def change_flows(self, change: Change) -> None:
        """Let ``flows`` be as a change has them; few of them stand in the stock, as soon as they are read."""
        if self.are_few:
            self._change = change
            self._unseen["flows"] = ""
        elif change.sql:
            change.prepare()
            self.replace_flows(change.sql)

    @property
    def are_few(self) -> bool:
        """Whether flows will stand in the stock once a change of them is known."""
        return self._stock is not None and self.scanned.rows <= MOST_STANDING

    def leave_out(self, paths: Collection[str]) -> None:
        """Let ``flows`` be without those of some files, before anybody changes or reads them."""
        kept = [segment for segment in self._segments if segment.path not in paths]
        self._sources = [each for each in self._sources if each.path not in paths]
        self._flows = ([path for path in self._flows[0] if path not in paths], self._flows[1])
        self._unseen["flows"] = self._rows_sql("flows", *self._flows)
        self._count(kept)

    def directions(self, without: Collection[str]) -> tuple[int | None, int | None]:
        """The lowest and the highest direction of all flows but those of some files."""
        paths, tables = self._flows
        rows = self._rows_sql("flows", [path for path in paths if path not in without], tables)
        [(low, high)] = self.rows(f"SELECT min(direction), max(direction) FROM ({rows})")  # noqa: S608 -- our own
        return low, high

    def replace_flows(self, sql: str) -> None:
        """Let ``flows`` be the rows of a SELECT over ``reported``, the flows as they were so far."""
        self._replacements += 1
        self._needed.update(COLUMN_OF_FLOWS.findall(sql))
        former = f"reported_{self._replacements}"
        self.rows(f"ALTER VIEW flows RENAME TO {former}")
        self.rows(f"CREATE TEMP VIEW flows AS {REPORTED.sub(f'FROM {former} AS reported', sql)}")

    @contextmanager
    def replaced_flows(self, sql: str) -> Iterator[None]:
        """Let ``flows`` meanwhile be the rows of a SELECT over ``reported``."""
        self._see("FROM flows")
        self.replace_flows(sql)
        try:
            yield
        finally:
            self.rows("DROP VIEW flows")
            self.rows(f"ALTER VIEW reported_{self._replacements} RENAME TO flows")
            self._replacements -= 1

    @contextmanager
    def narrowed(self, demands: Sequence[Demand], columns: Collection[str]) -> Iterator[None]:
        """Let ``flows`` meanwhile be at least those that meet all demands, with at least some columns.

        Others are null. Each statement that reads them searches all files.
        """
        paths, tables = self._flows
        if not paths:
            yield
            return
        self._see("FROM flows")
        found = FoundFlows(paths, demands, self._needed.union(columns))
        rows = [found.sql(_FOUND), *(f"FROM {table}" for table in tables)]
        reported = "reported_1" if self._replacements else "flows"
        self.connection.register(_FOUND, found)
        try:
            self.rows(f"CREATE OR REPLACE TEMP VIEW {reported} AS {' UNION ALL BY NAME '.join(rows)}")
            yield
        finally:
            self.rows(f"CREATE OR REPLACE TEMP VIEW {reported} AS {self._rows_sql('flows', paths, tables)}")
            self.connection.unregister(_FOUND)

    def statistics(self) -> Statistics | None:
        """What is known of the flows before any is read; None where to ask costs as much as to look."""
        paths, tables = self._flows
        if not (paths or tables) or (self._stock is None and self.scanned.rows < LEAST_ROWS):
            return None
        known = self._stock.told([*paths, *tables]) if self._stock else dict(self._told)
        new = [path for path in paths if path not in known], [table for table in tables if table not in known]
        if any(new):
            told = {name: tuple(part) for name, *part in self.rows(parts_sql(*new))}
            found: dict[str, Part | None] = {name: told.pop(name, None) for name in (*new[0], *new[1])}
            assert not told  # files go by the names we gave: what is missing holds no flow
            known |= found
            if self._stock:
                self._stock.tell(found)
            else:
                self._told |= found
        parts = (known[name] for name in (*paths, *tables))
        return statistics_of(part for part in parts if part is not None)

    @property
    def stands(self) -> tuple[Stand, ...]:
        """Where all flows stand as statements see them; empty where they do not."""
        if self._replacements:
            return ()
        self._stand_flows()
        return self._stands

    def _stand_flows(self) -> None:
        """Have flows stand that are to."""
        if self._stock is None or self._change is None:
            return
        change, self._change = self._change, None
        with failure_told():
            parts = borrow_parts(self._stock, self.connection, self._sources, change)
        self._borrowed += parts
        self._stands = stands_of(parts)
        self._unseen["flows"] = union_of(stand.table for stand in self._stands)

    @property
    def flow_files(self) -> frozenset[str]:
        """The files that ``flows`` are of."""
        return frozenset(segment.path for segment in self._segments)

    @property
    def has_stock(self) -> bool:
        """Whether what is made may serve other questions as well."""
        return self._stock is not None

    def close(self) -> None:
        """Let go of the files."""
        self.connection.close()
        borrowed, self._borrowed = self._borrowed, []
        if self._stock:
            self._stock.give_back(borrowed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make_tables(self, generation: Generation, since: int | None, until: int | None) -> None:
        segments = {table: generation.segments(table) for table in TABLES if table != "flows"}
        segments["flows"] = generation.segments("flows", since, until)
        segments["sightings"] = newest_of(generation.segments("sightings", since, until), MOST_SIGHTINGS)
        for table, found in segments.items():
            self._make_view(table, found)
        state = generation.ledger_state
        if owed := self.remembered((OWED, state), partial(unstored, generation)):
            self.share(OWED, state, partial(make_owed, self.connection, owed))
            self._unseen["ledger"] += f" UNION ALL BY NAME FROM {OWED}"
        if self._stock and may_stand(segments["ledger"]):
            self._standing_ledger = state
        self._count(segments["flows"])
        self.faults = [fault for table in TABLES for fault in generation.faults(table, since, until)]
        self.removed_before = generation.removed_before("flows")

    def _count(self, flows: list[Segment]) -> None:
        self._segments = flows
        self.scanned = Scanned(sum(s.rows for s in flows), len(flows), sum(s.bytes for s in flows))

    def _make_view(self, table: str, segments: list[Segment]) -> None:
        paths = [segment.path for segment in segments]
        parts: list[str] = []
        blocks: list[Kept] = []
        if self._stock:
            # Every question looks into the ledger several times, and its files are small ones of all ages.
            small = [s.path for s in segments if s.level == TAIL or table == "ledger"]
            blocks, left = borrow_blocks(self._stock, self.connection, table, small)
            self._borrowed += blocks
            parts = [block.table for block in blocks]
            paths = left + [s.path for s in segments if s.level != TAIL and table != "ledger"]
        if table == "flows":
            self._flows = (paths, list(parts))
            self._sources = sources_of([each for each in segments if each.path in {*paths}], blocks)
        self._unseen[table] = self._rows_sql(table, paths, parts)

    def _rows_sql(self, table: str, paths: list[str], tables: list[str]) -> str:
        """The SELECT of the rows of files and tables together."""
        parts = [files_sql(paths, table), *tables] if paths else tables
        selects = [f"FROM {part}" for part in parts]
        if table == "ledger" or not parts:
            selects.append(empty_table(table))
        rows = " UNION ALL BY NAME ".join(selects)
        return counted(rows) if table == "ledger" else rows

    def _see(self, sql: str) -> None:
        """Let a statement see the tables that it reads."""
        for table in [table for table in self._unseen if _READS[table].search(sql)]:
            if table == "flows":
                self._stand_flows()
            rows = self._unseen.pop(table)
            if table == "ledger" and self._standing_ledger is not None:
                self.share(table, self._standing_ledger, partial(self.keep, table, rows))
                continue
            with failure_told():
                self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {rows}")


def _piece(key: Hashable) -> frozenset[tuple[str, Hashable]]:
    """What a piece was made from: tables, each with what the rows made of it depend on."""
    return cast("frozenset[tuple[str, Hashable]]", key)


def make_macros(connection: duckdb.DuckDBPyConnection, home: Iterable[Network]) -> None:
    """Define what fields of the schema are computed with: where home is, and which end is near it."""
    ranges = [f"address BETWEEN '{uuid_text(n.first)}'::UUID AND '{uuid_text(n.last)}'::UUID" for n in home]
    connection.execute(f"CREATE TEMP MACRO is_home(address) AS ({' OR '.join(ranges) or 'FALSE'})")
    connection.execute(f"CREATE TEMP MACRO {_NEAR}")
