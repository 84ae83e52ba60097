"""DuckDB as we set it up, in memory; its failures told as what they are."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from tidegauge.store.errors import QuestionTooLargeError, SegmentUnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # A question is answered from local files and must never wait for, or tell, the outside world.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # Half of DuckDB's own choice of 80 %: the collector on the same machine must not be starved.
    "memory_limit": "40%",
    "preserve_insertion_order": "false",
    "temp_directory": tempfile.gettempdir(),
}


def open_database() -> duckdb.DuckDBPyConnection:
    """A database of its own."""
    return duckdb.connect(config=_CONFIG)


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Set what each connection has for itself."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # it would draw into the answer on stdout
    connection.execute("SET python_enable_replacements = false")  # a table name is never a Python variable


def files_sql(paths: Iterable[str], table: str = "") -> str:
    """The FROM clause of Parquet files that have the same columns, but for those of the ledger.

    There an older release wrote fewer, for it counted less. To look for that costs opening every file.

    >>> files_sql(["/o'clock/1.parquet"])
    "read_parquet(['/o''clock/1.parquet'])"
    """
    quoted = ("'" + path.replace("'", "''") + "'" for path in paths)
    by_name = ", union_by_name = true" if table == "ledger" else ""
    return f"read_parquet([{', '.join(quoted)}]{by_name})"


@contextmanager
def failure_told() -> Iterator[None]:
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
            raise SegmentUnreadableError(
                f"a file of the lake cannot be read: {error}; tidegauge lake verify finds out which"
            ) from error
        raise
    except RuntimeError as error:
        # DuckDB catches Ctrl-C itself and hands it on as this.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise
