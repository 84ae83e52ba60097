"""Which engine answers questions about a lake: DuckDB, or ClickHouse where its flows are said to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.store.engines.duckdb import HOME_NETWORKS, Engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.flow.addresses import Network
    from tidegauge.store.engines.stock import Stock
    from tidegauge.store.generation import Generation


def engine_of(
    generation: Generation,
    since: int | None = None,
    until: int | None = None,
    home: Iterable[Network] = HOME_NETWORKS,
    *,
    stock: Stock | None = None,
    clickhouse: str = "",
) -> Engine:
    """The engine for one question; ``clickhouse`` is where flows lie, empty for the lake's own files.

    Raises LakeUnreadableError where ClickHouse does not answer.
    """
    if not clickhouse:
        return Engine(generation, since, until, home, stock)
    # SQLGlot and the driver take a quarter of a second to load, for those who need them.
    from tidegauge.store.engines.clickhouse_connection import Connection  # noqa: PLC0415
    from tidegauge.store.engines.served import ServedEngine  # noqa: PLC0415

    return ServedEngine(generation, since, until, home, Connection(clickhouse))
