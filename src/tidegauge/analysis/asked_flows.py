"""Asked flows: those that a filter for an address leaves, found once for all statements of a question.

An answer is made of several statements: what several points saw, the groups, the totals. Each of them would
look through all files again for the same few flows. So these are kept, with the columns that statements
speak of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.addresses import Network
from tidegauge.query.demands import demands
from tidegauge.query.flow_keys import ASKED, KEY_FIELDS, key_part
from tidegauge.query.parameters import Parameters
from tidegauge.query.predicate import predicate
from tidegauge.query.syntax import And, Match
from tidegauge.store.engines.tables import COLUMN_OF_FLOWS, TABLES

if TYPE_CHECKING:
    from tidegauge.query.syntax import Term, Value
    from tidegauge.store.engines.duckdb import Engine

MOST_VALUES = 160_000_000
"""Of more values than these in all columns files are read each time: at eight to sixteen bytes each, they are
what a database may keep, or has to put aside."""

_ADDRESSES = frozenset({"addr", "src_addr", "dst_addr"})
_MOST_ADDRESSES = 1 << 16
_LIFE = frozenset({"start", "end", "received"})


class AskedFlows:
    """Of the keys for which a ``part`` of a filter is true, as the relation ``ASKED``."""

    def __init__(self, engine: Engine, part: Term) -> None:
        self._engine = engine
        self._part = part
        # When flows lived is asked by the last statement of most answers: it would look for them once more.
        self._columns: frozenset[str] = _LIFE
        self._is_shown = False
        self.are_kept = False
        """Whether the relation is of them alone; where they are too many it is of all flows."""

    def show(self, sql: str) -> None:
        """Let a statement see them, with each column that its text names."""
        wanted = self._columns.union(COLUMN_OF_FLOWS.findall(sql))
        if self._is_shown and wanted == self._columns:
            return
        self._engine.rows(f"DROP TABLE IF EXISTS {ASKED}")
        self._columns, self._is_shown = wanted, True
        parameters, most = Parameters(), MOST_VALUES // len(wanted)
        columns = ", ".join(f'"{name}"' for name in TABLES["flows"] if name in wanted)
        matching = f"SELECT {columns} FROM flows WHERE {predicate(self._part, parameters)} LIMIT {most + 1}"
        with self._engine.narrowed(demands(self._part), wanted | KEY_FIELDS):
            self._engine.keep(ASKED, matching, parameters.values)
        self.are_kept = self._engine.rows(f"SELECT count(*) FROM {ASKED}")[0][0] <= most
        if not self.are_kept:
            self._engine.rows(f"DROP TABLE {ASKED}")
            self._engine.rows(f"CREATE TEMP VIEW {ASKED} AS FROM flows")
            self._columns = frozenset(TABLES["flows"])


def asked_part(term: Term) -> Term | None:
    """What a filter says of flow keys, where that leaves few of them: it names addresses.

    >>> from tidegauge.query.canonical import canonical
    >>> from tidegauge.query.parser import parse
    >>> part = asked_part(parse("ip 192.0.2.1 and port 53 and bytes > 1M").term)
    >>> canonical(part) if part else None
    'addr = 192.0.2.1 and port = 53'
    >>> asked_part(parse("net 10.0.0.0/8 and port 53").term)
    """
    part = key_part(term)
    terms = part.terms if isinstance(part, And) else (part,)
    return part if any(_names_addresses(each) for each in terms) else None


def _names_addresses(term: Term | None) -> bool:
    if not isinstance(term, Match) or term.operator != "=":
        return False
    return term.field in _ADDRESSES and all(map(_is_narrow, term.values))


def _is_narrow(value: Value) -> bool:
    if isinstance(value, Network):
        return value.last - value.first < _MOST_ADDRESSES
    return value is not None
