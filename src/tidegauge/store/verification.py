"""Verification: reading everything that a lake holds, and saying what is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import duckdb
import msgspec

from tidegauge.store.damage import set_aside_sums
from tidegauge.store.engines.database import failure_told, files_sql
from tidegauge.store.examination import fault_inside
from tidegauge.store.fault import Fault
from tidegauge.store.manifest import Aside, Manifest
from tidegauge.store.recovery import strays
from tidegauge.store.segment import ROLLUPS, TAIL, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegauge.store.generation import Generation
    from tidegauge.store.lake import Lake

SET_ASIDE = (
    "put it back from a copy, or let questions go on without it with tidegauge lake verify --set-aside"
)
_STRAY = "no question reads it; tidegauge lake compact deletes it"
_SUMS = (
    "nothing is missing: its flows are there; move it away with tidegauge lake verify --set-aside, and"
    " tidegauge lake compact makes it anew"
)
_LAST_SUMS = "put it back from a copy: the flows are gone, and without it nothing is known of their time"
_TAIL = "restore it, or delete the files of its number: its rows are lost, and the ledger names them"
_ASIDE = "was set aside; put it back from a copy with tidegauge lake verify --take-back, or delete it"


class Finding(NamedTuple):
    """Something that is wrong with a file, by its path inside the lake; with the lake where that is empty."""

    path: str
    table: str
    rows: int
    problem: str
    remedy: str


def verify_segments(
    lake: Lake, generation: Generation, *, quick: bool
) -> Iterator[tuple[Segment, Finding | None]]:
    """Examine every file; what is wrong with each, or None. Known damage comes first."""
    for fault in generation.every_fault():
        yield fault.segment, _finding(lake, fault.segment, fault.why, is_aside=_is_aside(lake, fault.segment))
    for fault in list(generation.lost_sums):
        yield fault.segment, _finding(lake, fault.segment, fault.why)
    for segment in list(generation.all_segments()):
        for file in filter(None, (segment, segment.sums)):
            why = fault_inside(file, quick=quick)
            yield file, _finding(lake, file, why) if why else None


def verify_folder(lake: Lake) -> Iterator[Finding]:
    """Files among the segments that no commit named, and that nobody is about to commit."""
    for path in strays(lake):
        name = str(path.relative_to(lake.path))
        yield Finding(name, "", 0, "belongs to no generation of the lake", _STRAY)


def verify_ledger(generation: Generation, manifest: Manifest) -> Iterator[Finding]:
    """See that the ledger counts as many stored flows as there are, where it still has all of them."""
    is_whole = all(fault.segment.table == "sightings" for fault in generation.every_fault())
    if "ledger" in manifest.removed or not is_whole:
        return  # it cannot add up
    flows = generation.segments("flows")
    there = sum(segment.rows for segment in flows if segment.level != TAIL)
    there += _counted(segment.path for segment in flows if segment.level == TAIL)
    removed = manifest.removed["flows"].rows if "flows" in manifest.removed else 0
    stored = _stored([segment.path for segment in generation.segments("ledger")])
    if stored != there + removed:
        gone = f" and {removed:,} that retention removed" if removed else ""
        yield Finding(
            "",
            "ledger",
            stored,
            f"the ledger counts {stored:,} flows as stored, and there are {there:,}{gone}",
            "do not trust the account of what was lost, and tell the makers of tidegauge how it came about",
        )


def set_aside(lake: Lake, findings: Iterable[Finding], now: int) -> int:
    """Take damaged segments out of every reader's sight; their files stay. Returns how many were."""
    why = {finding.path: finding.problem for finding in findings}
    taken: list[Segment] = []

    def change(newest: Manifest) -> Manifest | None:
        taken[:] = [segment for segment in newest.segments if segment.path in why]
        if not taken:
            return None
        kept = tuple(segment for segment in newest.segments if segment.path not in why)
        aside = tuple(Aside(segment=segment, why=why[segment.path]) for segment in taken)
        return msgspec.structs.replace(newest, segments=kept, aside=(*newest.aside, *aside))

    lake.commit(change, now)
    return len(taken)


def set_rollups_aside(lake: Lake, findings: Iterable[Finding]) -> int:
    """Move damaged rollups away, so that compaction makes them anew; returns how many are not there.

    Those of flows that are gone stay: they cannot be made anew.
    """
    damaged = [finding for finding in findings if finding.remedy == _SUMS]
    faults = [
        Fault(Segment(table=ROLLUPS, path=f"{lake.path}/{each.path}"), each.problem) for each in damaged
    ]
    return len(set_aside_sums(lake.path, faults))


def take_back(lake: Lake, now: int) -> int:
    """Show readers again what was set aside and is sound by now; returns how many files that were."""
    sound: set[str] = set()
    for each in lake.manifest().aside:
        path = each.segment.path
        if not fault_inside(msgspec.structs.replace(each.segment, path=f"{lake.path}/{path}")):
            sound.add(path)

    def change(newest: Manifest) -> Manifest | None:
        back = tuple(each.segment for each in newest.aside if each.segment.path in sound)
        kept = tuple(each for each in newest.aside if each.segment.path not in sound)
        return msgspec.structs.replace(newest, segments=(*newest.segments, *back), aside=kept)

    if sound:
        lake.commit(change, now)
    return len(sound)


def _finding(lake: Lake, segment: Segment, why: str, *, is_aside: bool = False) -> Finding:
    path = segment.path.removeprefix(f"{lake.path}/")
    remedy = _ASIDE if is_aside else _TAIL if path.startswith(f"{TAIL}/") else SET_ASIDE
    if segment.table == ROLLUPS:
        history = lake.manifest().history
        remedy = _LAST_SUMS if any(path in each.files for each in history) else _SUMS
    return Finding(path, segment.table, segment.rows, why, remedy)


def _is_aside(lake: Lake, segment: Segment) -> bool:
    path = segment.path.removeprefix(f"{lake.path}/")
    return any(each.segment.path == path for each in lake.manifest().aside)


def _counted(paths: Iterable[str]) -> int:
    found = list(paths)
    return _number("count(*)", files_sql(found)) if found else 0


def _stored(paths: list[str]) -> int:
    return _number("coalesce(sum(stored), 0)", files_sql(paths, "ledger")) if paths else 0


def _number(expression: str, files: str) -> int:
    with failure_told(), duckdb.connect(config={"threads": 1}) as connection:
        sql = f"SELECT {expression} FROM {files}"  # noqa: S608 -- our own names
        [(number,)] = connection.execute(sql).fetchall()
        return int(number)
