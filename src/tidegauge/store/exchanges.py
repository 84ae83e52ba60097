"""Exchanges of ours in the lake: a set of rows in ``exchanges/``, seen as ``exchanges``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.store.row_set import RowSet

if TYPE_CHECKING:
    from tidegauge.store.lake import Lake

EXCHANGE_COLUMNS = {
    "client_address": "UUID",
    "client_port": "USMALLINT",
    "server_address": "UUID",
    "server_port": "USMALLINT",
    "protocol": "UTINYINT",
    "sent": "TIMESTAMPTZ_NS",
    "received": "TIMESTAMPTZ_NS",
    "request_bytes": "UINTEGER",
    "reply_bytes": "UINTEGER",
    "clock_bound": "BIGINT",
}

_EXCHANGES = RowSet("exchanges", "exchanges", EXCHANGE_COLUMNS, "sent, server_address, client_port")
append, exchanges_seen = _EXCHANGES.append, _EXCHANGES.seen


def exchange_files(lake: Lake) -> tuple[str, ...]:
    """Names of the files that exchanges lie in; equal where nothing was added."""
    return tuple(sorted(path.name for path in (lake.path / _EXCHANGES.name).glob("*.parquet")))
