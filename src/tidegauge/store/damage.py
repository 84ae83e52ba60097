"""Damage: files that a failing disk, or a power cut that it lied about, left torn.

Nobody can read those of a tail, and with one of them among its files a lake answers no question. So their
sets are put where nobody looks but a person; what was in them is then missing from the ledger, and counted as
lost when their writer is settled. Rollups go there as well, and are made anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tidegauge.store.durable import sync
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.store.fault import Fault
    from tidegauge.store.tail import Tail

FOLDER = "damaged"
_MAGIC = b"PAR1"
_SHORTEST = 12

_log = Log(__name__)


def set_aside_torn(root: Path, tail: Tail) -> int:
    """Move the sets of a tail that have a torn file out of it; returns how many. Raises OSError."""
    sets = tail.sets_after(0)
    torn = [found for found in sets if any(map(is_torn, found.paths.values()))]
    folder = root / FOLDER / tail.writer_id
    for found in torn:
        folder.mkdir(parents=True, exist_ok=True)
        # The ledger first: whatever comes in between, a set without it counts for nothing.
        for path in reversed(found.paths.values()):
            path.rename(folder / path.name)
            sync(tail.folder)
        _log.error(
            "a set of files is torn; its flows are counted as lost", writer=tail.writer_id, folder=folder
        )
    tail.forget(torn)
    return len(torn)


def set_aside_sums(root: Path, faults: Iterable[Fault]) -> list[str]:
    """Move damaged files of rollups away; returns the paths where none is any more.

    Flows are read until they are made anew. Who may not write to the lake leaves them where they are.
    """
    cleared = []
    folder = root / FOLDER / "rollups"
    for segment, why in faults:
        path = Path(segment.path)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.rename(folder / path.name)
        except FileNotFoundError:
            pass  # another process was faster, or it was missing in the first place
        except OSError as error:
            _log.warning("a damaged rollup cannot be moved away", path=path, reason=error)
            continue
        else:
            _log.error("a rollup is damaged; it will be made anew", path=path, why=why, folder=folder)
        cleared.append(segment.path)
    return cleared


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
