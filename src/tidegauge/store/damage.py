"""Damage: files of a tail that a failing disk, or a power cut that it lied about, left torn.

Nobody can read them, and with one of them among its files a lake answers no question. So their sets are put
where nobody looks but a person; what was in them is then missing from the ledger, and counted as lost when
their writer is settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from pathlib import Path

    from tidegauge.store.lake import Lake
    from tidegauge.store.tail import Tail

FOLDER = "damaged"
_MAGIC = b"PAR1"
_SHORTEST = 12

_log = Log(__name__)


def set_aside_torn(lake: Lake, tail: Tail) -> int:
    """Move the sets of a tail that have a torn file out of it; returns how many. Raises OSError."""
    sets = tail.sets_after(0)
    torn = [found for found in sets if any(map(is_torn, found.paths.values()))]
    folder = lake.path / FOLDER / tail.writer_id
    for found in torn:
        folder.mkdir(parents=True, exist_ok=True)
        for path in found.paths.values():
            path.rename(folder / path.name)
        _log.error(
            "a set of files is torn; its flows are counted as lost", writer=tail.writer_id, folder=folder
        )
    tail.forget(torn)
    return len(torn)


def is_torn(path: Path) -> bool:
    """Whether a file begins or ends as no Parquet file does, without looking at what is between."""
    size = path.stat().st_size
    if size < _SHORTEST:
        return True
    with path.open("rb") as file:
        begin = file.read(len(_MAGIC))
        file.seek(-8, 2)
        footer, end = file.read(4), file.read(4)
    return begin != _MAGIC or end != _MAGIC or int.from_bytes(footer, "little") > size - _SHORTEST
