"""Picking up after writers that were killed: their tails, their counters, their half-made files."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegauge.store.absorption import absorb
from tidegauge.store.compaction import MERGED, merge_lock
from tidegauge.store.damage import set_aside_torn
from tidegauge.store.durable import PARTIAL, sync
from tidegauge.store.ledger_file import ledger_totals, write_ledger
from tidegauge.store.lock import FileLock, remove_unborn
from tidegauge.store.reconciliation import is_behind, outstanding
from tidegauge.store.tail import COMMIT_TABLE, Tail, tails_in
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidegauge.store.lake import Lake
    from tidegauge.store.manifest import Manifest

_SEGMENT_NAME = re.compile(r"^\d\d-[a-z]+-(?P<writer>.+)-\d+\.\w+\.parquet$")
_log = Log(__name__)


def recover(lake: Lake, now: int) -> None:
    """Settle every dead writer of the lake. Cheap when there is none; several processes may try at once.

    One that cannot be settled, because a file it left is damaged, is logged and left for the next call. It
    must neither keep a collector from receiving nor the others from being settled.
    """
    for tail in tails_in(lake.path / "tail"):
        lock = FileLock.exclusive_at_once(tail.lock_path)
        if lock is None:
            continue
        with lock:
            try:
                set_aside_torn(lake.path, tail)
                _settle(lake, tail, now)
            except Exception as error:  # noqa: BLE001 -- whatever is wrong is wrong with this one tail
                _log.error("what a killed writer left cannot be taken over", error, folder=tail.folder)
    for folder in _entries(lake.path / "staging"):
        lock = FileLock.exclusive_at_once(folder / "lock")
        if lock is not None:
            with lock:
                shutil.rmtree(folder)
    for parent in ("tail", "staging"):
        remove_unborn(lake.path / parent)


@contextmanager
def resumable_counters(lake: Lake, prefix: str) -> Iterator[Path | None]:
    """Give the newest counters map that a dead writer of such a name left, and keep it while in use.

    A receiver that continues its sequence numbers can say what was missed while nobody listened.
    """
    found = [
        tail
        for tail in tails_in(lake.path / "tail")
        if tail.writer_id.startswith(prefix) and tail.counters_path.exists()
    ]
    for tail in sorted(found, key=_age, reverse=True):
        lock = FileLock.exclusive_at_once(tail.lock_path)
        if lock is not None:
            with lock:
                yield tail.counters_path if _is_current(lake, tail) else None
            return
    yield None


def settle_counters(lake: Lake, tail: Tail, now: int) -> None:
    """Write what a writer's counters map says beyond its ledger, then drop the map.

    Called when no more rows of that writer can come. Running it twice writes nothing twice: the first
    run's rows are part of what the second subtracts.
    """
    if not tail.counters_path.exists():
        return
    with lake.generation() as generation:
        # The tails of others hold no row of this writer, and damage there is not ours to stumble over.
        own = f"{tail.folder}/"
        ledger = [
            each
            for each in generation.segments("ledger")
            if each.level != "tail" or each.path.startswith(own)
        ]
        paths = [each.path for each in ledger]
        rows = outstanding(tail.writer_id, tail.counters_path.read_bytes(), paths)
    if rows:
        # A fresh number: an earlier one could commit flows of a set that the kill cut short.
        sequence = tail.sequence_after(lake.manifest().absorbed.get(tail.writer_id, 0))
        write_ledger(rows, tail.path(sequence, COMMIT_TABLE))
        lost = sum(row.counters["lost_write"] for row in rows)
        _log.warning("flow records were received but never stored", writer=tail.writer_id, records=lost)
        absorb(lake, tail, now)
    tail.counters_path.unlink()


def remove_orphans(lake: Lake) -> int:
    """Delete files that were left half-made, or that no commit ever named, and whose maker is dead.

    Returns how many segments that were.
    """
    for path in lake.path.glob(f"*/.*.parquet{PARTIAL}"):
        _remove_half(path)
    return len(strays(lake, delete=True))


def _remove_half(path: Path) -> None:
    """Delete a half-made file among a set of rows, unless somebody is writing there, or reading."""
    lock_path = path.with_name("lock")
    lock_path.touch()
    if lock := FileLock.exclusive_at_once(lock_path):
        with lock:
            path.unlink(missing_ok=True)


def strays(lake: Lake, *, delete: bool = False) -> list[Path]:
    """Segment files that no commit ever named and whose maker is dead; none while a merge makes one."""
    lock = merge_lock(lake)
    if lock is None:
        return []
    with lock:
        files = [path for path in (lake.path / "segments").rglob("*") if path.is_file()]
        found = [path for path in files if _maker_is_dead(lake, path)]
        # Read after the makers were seen dead: whatever they committed is in it.
        known = _known_paths(lake.manifest())
        orphans = [path for path in found if str(path.relative_to(lake.path)) not in known]
        for path in orphans if delete else ():
            path.unlink(missing_ok=True)
    return orphans


def _settle(lake: Lake, tail: Tail, now: int) -> None:
    absorb(lake, tail, now)
    settle_counters(lake, tail, now)
    absorbed = lake.manifest().absorbed.get(tail.writer_id, 0)
    # What was never committed goes at once; what was absorbed waits for the sweep.
    waiting = set(tail.files_through(absorbed))
    for path in list(tail.folder.iterdir()):
        if path != tail.lock_path and path not in waiting:
            path.unlink()
    if not waiting:
        # The next commit forgets what was absorbed of this tail: no file of it may come back.
        sync(tail.folder)
        tail.lock_path.unlink()
        tail.folder.rmdir()


def _is_current(lake: Lake, tail: Tail) -> bool:
    try:
        content = tail.counters_path.read_bytes()
    except FileNotFoundError:
        return False
    try:
        with lake.generation() as generation:
            paths = [each.path for each in generation.segments("ledger")]
            return not is_behind(content, ledger_totals(paths, tail.writer_id))
    except OSError as error:
        _log.warning("sequence numbers cannot be continued", writer=tail.writer_id, reason=error)
        return False


def _age(tail: Tail) -> float:
    try:
        return tail.counters_path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _maker_is_dead(lake: Lake, path: Path) -> bool:
    match = _SEGMENT_NAME.match(path.name.removeprefix(".").removesuffix(PARTIAL))
    if match is None:
        return False
    writer_id = match["writer"]
    if writer_id == MERGED:
        return True  # we hold the lock that a merge needs
    for folder in ("tail", "staging"):
        lock_path = lake.path / folder / writer_id / "lock"
        if not lock_path.exists():
            continue
        lock = FileLock.shared_at_once(lock_path)
        if lock is None:
            return False
        lock.release()
    return True


def _known_paths(manifest: Manifest) -> set[str]:
    retired = {path for each in manifest.retired for path in each.segments}
    aside = {path for each in manifest.aside for path in each.segment.files}
    history = {each.sums.path for each in manifest.history if each.sums}
    return retired | aside | history | {path for segment in manifest.segments for path in segment.files}


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return
