"""Naming: the relations that name fields are looked up in, made from what the lake was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.lookups import LOOKUPS, RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.lake import Lake


def provide(engine: Engine, lake: Lake, lookups: Iterable[str], since: int | None, until: int | None) -> None:  # noqa: ARG001
    """Create the relations that ``lookups`` join, where they are not there yet."""
    for relation in {LOOKUPS[name].relation for name in lookups}:
        engine.connection.execute(f"CREATE TABLE IF NOT EXISTS {relation} ({RELATIONS[relation]})")
