"""The stock: what a process that answers many questions keeps between them.

A question that comes alone opens a database, reads what it needs and lets go of everything. A page asks ten
at once, and again at each refresh: they share one database, and the relations that cost more to make than
to keep. Each is made once for a key. Whatever can change its rows is part of the key, so nothing kept is
ever out of date; it is only asked for no more.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakSet

import duckdb

from tidegauge.store.engines.database import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from tidegauge.store.engines.statistics import Part

Result = TypeVar("Result")

STOCK_BYTES = 256 * 2**20
MOST_TOLD = 16_384
"""Of so many files and tables it is remembered what they tell; a lake seldom has more."""

MOST_ALIKE = 16
"""So many relations of one name are kept, for other ranges of time or other parts of a tail."""

MOST_REMEMBERED = 1_024
"""So many short results are remembered."""

MOST_RECALLED = 16
RECALLED_FOR = 50
"""What is recalled was made at most so many times ago as it took: it may cost a fiftieth of one processor."""

_TAKEN = "SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'"


@dataclass(slots=True, eq=False)
class Kept:
    """A relation: the ``table`` of the shared database that holds it, and how many questions read it."""

    name: str
    key: Hashable
    table: str
    users: int = 0


class _Recalled(NamedTuple):
    made: int
    took: int
    value: Any


class Stock:
    """One database for the questions of all threads of a process, and the relations they share.

    These take about ``most_bytes``: above, those unused for longest go. One that is read stays until then.
    """

    def __init__(self, most_bytes: int = STOCK_BYTES) -> None:
        self.most_bytes = most_bytes
        self.faults: dict[str, str] = {}
        """Files that a question stumbled over, by path, with what is wrong with them."""
        self._lock = Lock()  # guards what follows
        self._opened: duckdb.DuckDBPyConnection | None = None
        self._connections: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()
        self._kept: list[Kept] = []  # by last use
        self._count = 0
        self._may_be_full = False
        self._told: dict[str, Part | None] = {}  # by last use
        self._remembered: dict[Hashable, Any] = {}  # by last use
        self._recalled: dict[Hashable, _Recalled] = {}
        self._making: defaultdict[str, RLock] = defaultdict(RLock)

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The relations kept now, by last use."""
        with self._lock:
            return tuple(self._kept)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection for one question; what it makes as ``TEMP`` is its own and goes with it."""
        with self._lock:
            connection = self._database.cursor()
            self._connections.add(connection)
            return connection

    def interrupt(self) -> None:
        """Have the statements that run now fail, whosever they are: nobody waits for them any more."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(duckdb.ConnectionException):  # its question has just ended
                connection.interrupt()

    @contextmanager
    def making(self, name: str) -> Iterator[None]:
        """Let one question at a time make relations of a name: the next finds them made."""
        with self._lock:
            lock = self._making[name]
        with lock:
            yield

    def borrow(self, name: str, fits: Callable[[Hashable], bool]) -> list[Kept]:
        """The relations of a name whose key fits; each has to be given back."""
        with self._lock:
            found = [kept for kept in self._kept if kept.name == name and fits(kept.key)]
            for kept in found:
                kept.users += 1
                self._kept.remove(kept)
                self._kept.append(kept)
            return found

    def keep(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        key: Hashable,
        sql: str,
        values: Mapping[str, Any] | None = None,
    ) -> Kept:
        """Keep the rows of a SELECT, run on a question's connection, and borrow them."""
        with self._lock:
            self._count += 1
            kept = Kept(name, key, f"kept_{self._count}", users=1)
        connection.execute(f"CREATE TABLE main.{kept.table} AS {sql}", dict(values or {}))
        with self._lock:
            self._kept.append(kept)
            self._may_be_full = True
        return kept

    def told(self, names: Iterable[str]) -> dict[str, Part | None]:
        """What is known of files and tables of flows, none of which ever changes; None is an empty one."""
        with self._lock:
            known = {name: self._told.pop(name) for name in names if name in self._told}
            self._told.update(known)
            return known

    def tell(self, parts: Mapping[str, Part | None]) -> None:
        """Remember what files and tables of flows tell."""
        with self._lock:
            self._told.update(parts)
            for name in list(islice(self._told, max(0, len(self._told) - MOST_TOLD))):
                del self._told[name]

    def remembered(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The short result that ``make`` gave for an equal key, of this question or another.

        Two questions at once may both make it: that is cheaper than to wait.
        """
        with self._lock:
            if key in self._remembered:
                found: Result = self._remembered.pop(key)
                self._remembered[key] = found
                return found
        made = make()
        with self._lock:
            self._remembered[key] = made
            for old in list(islice(self._remembered, max(0, len(self._remembered) - MOST_REMEMBERED))):
                del self._remembered[old]
        return made

    def recall(self, what: str, key: Hashable, now: int, make: Callable[[], Result]) -> Result:
        """What ``make`` gives, or gave not long before or after ``now``: the longer it took, the longer.

        Who asks for the same kind of thing, ``what``, waits for whoever is making one.
        """
        place = (what, key)
        with self.making(f"recalled {what}"):
            with self._lock:
                found = self._recalled.pop(place, None)
            if found is None or abs(now - found.made) >= RECALLED_FOR * found.took:
                began = time.perf_counter_ns()
                value = make()
                found = _Recalled(now, time.perf_counter_ns() - began, value)
            with self._lock:
                self._recalled[place] = found
                for older in list(self._recalled)[:-MOST_RECALLED]:
                    del self._recalled[older]
            recalled: Result = found.value
            return recalled

    def give_back(self, borrowed: list[Kept]) -> None:
        """Say that a question is done with relations, and make room."""
        with self._lock:
            for kept in borrowed:
                kept.users -= 1
            self._make_room()

    @property
    def _database(self) -> duckdb.DuckDBPyConnection:
        """Opened when it is first needed, which is not at the start of a server."""
        if self._opened is None:
            self._opened = open_database()
            self._opened.execute("SET parquet_metadata_cache = true")
        return self._opened

    def _make_room(self) -> None:
        unused = [kept for kept in self._kept if not kept.users]
        alike: defaultdict[str, int] = defaultdict(int)
        for kept in reversed(unused):
            alike[kept.name] += 1
            if alike[kept.name] > MOST_ALIKE:
                self._drop(kept)
        for kept in unused if self._may_be_full else ():
            if self._taken() <= self.most_bytes:
                self._may_be_full = False
                break
            self._drop(kept)

    def _drop(self, kept: Kept) -> None:
        if kept in self._kept:
            self._kept.remove(kept)
            self._database.execute(f"DROP TABLE {kept.table}")

    def _taken(self) -> int:
        found = self._database.execute(_TAKEN).fetchone()
        return int(found[0]) if found else 0
