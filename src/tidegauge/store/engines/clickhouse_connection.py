"""A connection to ClickHouse: to a server over HTTP, or with ``chdb://`` to the same engine in this process.

Needs clickhouse-connect, an extra of this package. What a question needs for itself alone is kept in
temporary tables of the connection's own session, so many may ask one database at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from tidegauge.store.errors import LakeError, LakeUnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Connection:
    """Close it, or use ``with``. Failures are told as LakeUnreadableError, without the password."""

    def __init__(self, dsn: str) -> None:
        """``dsn`` is such as ``https://reader:secret@host:8443/flows``, or ``chdb://memory``."""
        try:
            import clickhouse_connect  # noqa: PLC0415 (an extra)
        except ModuleNotFoundError:
            raise LakeError("asking ClickHouse needs an extra: pip install 'tidegauge[clickhouse]'") from None
        where = urlsplit(dsn)
        self._name = f"{where.scheme}://{where.hostname or ''}{where.path}"
        with self._failure_told():
            self._client = clickhouse_connect.get_client(dsn=dsn)

    def ask(self, sql: str, parameters: Mapping[str, str | None]) -> bytes:
        """Run one statement whose places are ``{name: Type}``; what it gives is in the format it names."""
        with self._failure_told():
            return self._client.raw_query(sql, parameters=dict(parameters))

    def insert(self, table: str, lines: bytes) -> None:
        """Add rows to a table: a JSON object each line."""
        with self._failure_told():
            self._client.raw_insert(table, insert_block=lines, fmt="JSONEachRow")

    def close(self) -> None:
        """End the session, and with it its temporary tables."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _failure_told(self) -> Iterator[None]:
        from clickhouse_connect.driver.exceptions import ClickHouseError  # noqa: PLC0415 (an extra)

        try:
            yield
        except ClickHouseError as error:
            raise LakeUnreadableError(f"ClickHouse at {self._name} did not answer: {error}") from error
