"""DuckDB over one generation of the lake: in this process, straight on the Parquet files."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import duckdb

from tidegauge.flow.addresses import Network, network_from_text, uuid_text
from tidegauge.store.engines.tables import TABLES, empty_table
from tidegauge.store.errors import LakeUnreadableError, QuestionTooLargeError
from tidegauge.store.reconciliation import unstored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tidegauge.store.generation import Generation
    from tidegauge.store.ledger_file import LedgerRow
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

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # A question is answered from local files and must never wait for, or tell, the outside world.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # Half of DuckDB's own choice of 80 %: the collector on the same machine must not be starved.
    "memory_limit": "40%",
    "preserve_insertion_order": "false",
    "temp_directory": tempfile.gettempdir(),
}


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a question had to look at: rows and bytes as the manifest states them, so without the tail's."""

    rows: int
    files: int
    bytes: int


class Engine:
    """A connection that sees ``flows``, ``options`` and ``ledger`` of a generation.

    It knows the macros ``is_home(address)`` and ``near_is_source(src_addr, dst_addr, src_port, dst_port)``.

    Flows are limited to the files that may touch ``[since, until)``; rows still have to be filtered.
    The ledger includes what a killed collector still owes. Close it, or use ``with``.
    """

    def __init__(
        self,
        generation: Generation,
        since: int | None = None,
        until: int | None = None,
        home: Iterable[Network] = HOME_NETWORKS,
    ) -> None:
        self.connection = duckdb.connect(config=_CONFIG)
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET enable_progress_bar = false")  # it would draw into the answer on stdout
        self.connection.execute(
            "SET python_enable_replacements = false"
        )  # a table name is never a Python variable
        make_macros(self.connection, home)
        with _failure_told():
            self._make_tables(generation, since, until)

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement with named parameters (``$name``).

        Raises LakeUnreadableError for a damaged file and QuestionTooLargeError where memory does not suffice.
        """
        with _failure_told():
            return self.connection.execute(sql, dict(values or {})).fetchall()

    def close(self) -> None:
        """Let go of the files."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make_tables(self, generation: Generation, since: int | None, until: int | None) -> None:
        segments = {table: generation.segments(table) for table in TABLES if table != "flows"}
        segments["flows"] = generation.segments("flows", since, until)
        for table, found in segments.items():
            self._make_view(table, found)
        self._add_owed(unstored(generation))
        flows = segments["flows"]
        self.scanned = Scanned(sum(s.rows for s in flows), len(flows), sum(s.bytes for s in flows))

    def _make_view(self, table: str, segments: list[Segment]) -> None:
        if segments:
            self.connection.read_parquet([segment.path for segment in segments]).create_view(table)
        else:
            self.connection.execute(f"CREATE VIEW {table} AS {empty_table(table)}")

    def _add_owed(self, owed: list[LedgerRow]) -> None:
        if not owed:
            return
        self.connection.execute(f"CREATE TABLE owed AS {empty_table('ledger')}")
        for row in owed:
            values = {**row.key._asdict(), **row.counters, "writer": row.writer_id}
            places = ", ".join(f"${name}" for name in values)
            self.connection.execute(
                f"INSERT INTO owed (minute, last_received, {', '.join(values)}) "
                f"SELECT make_timestamp_ns($at), make_timestamp_ns($at), {places}",
                {**values, "at": row.minute},
            )
        self.connection.execute("ALTER VIEW ledger RENAME TO written")
        self.connection.execute("CREATE VIEW ledger AS FROM written UNION ALL BY NAME FROM owed")


def make_macros(connection: duckdb.DuckDBPyConnection, home: Iterable[Network]) -> None:
    """Define what fields of the schema are computed with: where home is, and which end is near it."""
    ranges = [f"address BETWEEN '{uuid_text(n.first)}'::UUID AND '{uuid_text(n.last)}'::UUID" for n in home]
    connection.execute(f"CREATE MACRO is_home(address) AS ({' OR '.join(ranges) or 'FALSE'})")
    connection.execute(f"CREATE MACRO {_NEAR}")


@contextmanager
def _failure_told() -> Iterator[None]:
    """Tell the failures that are nobody's mistake as what they are; a wrong statement stays as it comes."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise QuestionTooLargeError(
            f"the answer needs more memory than may be used; shorten the range or group by less: {error}"
        ) from error
    except duckdb.Error as error:
        # A damaged page comes as the bare class, a damaged footer as invalid input, which can be ours too.
        is_about_file = isinstance(error, duckdb.InvalidInputException) and ".parquet" in str(error)
        if is_about_file or type(error) in (duckdb.Error, duckdb.IOException):
            raise LakeUnreadableError(f"a file of the lake cannot be read: {error}") from error
        raise
    except RuntimeError as error:
        # DuckDB catches Ctrl-C itself and hands it on as this.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise
