"""Bindings in the lake: a set of rows in ``names/``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tidegauge.store.row_set import RowSet

if TYPE_CHECKING:
    from pathlib import Path

    from tidegauge.store.lake import Lake

BINDING_COLUMNS = {
    "kind": "VARCHAR",
    "address": "UUID",
    "client": "UUID",
    "name": "VARCHAR",
    "since": "BIGINT",
    "until": "BIGINT",
    "source": "VARCHAR",
    "confidence": "UTINYINT",
    "is_pinned": "BOOLEAN",
}

_BINDINGS = RowSet("names", "bindings", BINDING_COLUMNS, "kind, client, address, since")
append, bindings_seen = _BINDINGS.append, _BINDINGS.seen


def told_of(lake: Lake) -> tuple[tuple[object, ...], ...]:
    """What the folder of names says by now: equal as long as nothing in it changed.

    Files of bindings and ranges are never rewritten in place. What people edit is compared letter by letter:
    two changes may be closer together than the stamps of a file system tell. Who asks at one moment is told
    the same.
    """
    look = partial(_told_now, lake.path / "names")
    return lake.moment.told(look) if lake.moment else look()


def rules_of(lake: Lake) -> tuple[tuple[object, ...], ...]:
    """What it says besides bindings: by which rules names are made of these."""
    return tuple(told for told in told_of(lake) if not str(told[0]).endswith(".parquet"))


def _told_now(folder: Path) -> tuple[tuple[object, ...], ...]:
    return tuple(_told(path) for path in sorted(folder.glob("*.*")))


def _told(path: Path) -> tuple[object, ...]:
    try:
        if path.suffix == ".toml":
            return path.name, path.read_bytes()
        state = path.stat()
    except FileNotFoundError:
        return path.name, None
    return path.name, state.st_mtime_ns, state.st_ino, state.st_size
