"""Rows of a SELECT as a file, or a folder of files. They are written as they come, however many they are.

A file appears under its name when it is complete, and so does a folder.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from tidegauge.store.durable import PARTIAL, sync, whole
from tidegauge.store.engines.database import failure_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tidegauge.store.engines.duckdb import Engine

FORMATS = {"parquet": "parquet", "csv": "csv", "ndjson": "ndjson", "arrow": "arrow"}
"""Kinds of files, and how their names end."""

_OPTIONS = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER true",
    "ndjson": "FORMAT json",
}


def write_file(engine: Engine, sql: str, values: Mapping[str, Any], path: Path, format_name: str) -> None:
    """Write the rows as one file. Raises OSError, and LakeError as a question does."""
    with whole(path) as partial:
        if format_name == "arrow":
            _write_arrow(engine, sql, values, partial)
        else:
            # Where a killed export left its file, DuckDB would make one more beside it.
            options = f"{_OPTIONS[format_name]}, USE_TMP_FILE false"
            engine.rows(f"COPY ({sql}) TO '{_quoted(partial)}' ({options})", values)
    sync(path.parent)


def write_folder(
    engine: Engine, sql: str, values: Mapping[str, Any], path: Path, format_name: str, by: Sequence[str]
) -> None:
    """Write the rows as files in folders ``NAME=VALUE``, one for each value of the columns ``by``.

    Raises OSError, and LakeError as a question does.
    """
    with _whole_folder(path) as partial:
        options = f"{_OPTIONS[format_name]}, PARTITION_BY ({', '.join(by)})"
        if format_name != "parquet":
            options += f", FILE_EXTENSION '{FORMATS[format_name]}'"
        engine.rows(f"COPY ({sql}) TO '{_quoted(partial)}' ({options})", values)


@contextmanager
def _whole_folder(path: Path) -> Iterator[Path]:
    partial = path.with_name(f".{path.name}{PARTIAL}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir()
        yield partial
        partial.rename(path)
        sync(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_arrow(engine: Engine, sql: str, values: Mapping[str, Any], path: Path) -> None:
    from nanoarrow.ipc import StreamWriter  # noqa: PLC0415 (for this format)

    with failure_told(), path.open("wb") as file:
        stream = _Stream(file)
        try:
            with StreamWriter.from_writable(stream) as writer:  # type: ignore[no-untyped-call]
                writer.write_stream(engine.relation(sql, values))
        except Exception:
            if stream.failure is None:
                raise
            raise stream.failure from None


class _Stream:
    """A file for a library that makes an error of its own of what the system says; it is kept here."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except OSError as error:
            self.failure = error
            raise


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
