"""Exchanges of ours in the lake: a set of rows in ``exchanges/``, seen as ``exchanges``."""

from __future__ import annotations

from tidegauge.store.row_set import RowSet

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
