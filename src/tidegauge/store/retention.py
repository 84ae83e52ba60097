"""Retention: what is removed from a lake because it is old, or because the lake is large.

Whole segments go, and only when the last row in one is old enough: no row is ever removed before its time,
and one may stay until the youngest of its segment is old as well. They go as compaction's sources do, with a
new generation: a reader of an older one keeps what it has, and the sweep deletes the files later.

The rollup of a segment outlives its flows: it becomes history, and goes at an age of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegauge.store.compaction import LEVELS
from tidegauge.store.lake import ANSWERS
from tidegauge.store.manifest import Manifest, Removed, Retention, Retired
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegauge.store.lake import Lake
    from tidegauge.store.segment import Segment

AGED_AS = {"flows": "flows", "sightings": "flows", "options": "ledger", "ledger": "ledger"}
"""By which age of a ``Retention`` the rows of a table go.

What exporters told of themselves stays with the ledger: flows that are there may need it, and it is small.
"""
LARGE = frozenset({"flows", "sightings"})
"""The tables that go when a lake is too large; the others hardly count."""

HISTORY_SHARE = 10
"""Of a lake that may not be larger, one part in so many may be history."""

_SPANS = {level.name: level.span for level in LEVELS}
_log = Log(__name__)


class NextRemoval(NamedTuple):
    """What age will remove next, ``at`` nanoseconds since 1970, unless it goes for size before."""

    at: int
    segments: list[Segment]


def expired(
    segments: Iterable[Segment], retention: Retention, now: int, history: Iterable[Segment] = ()
) -> list[Segment]:
    """The segments that are to go: those too old, then the oldest flows until the rest and history fit."""
    kept: list[Segment] = []
    gone: list[Segment] = []
    for segment in segments:
        at = removed_at(segment, retention)
        (kept if at is None or at > now else gone).append(segment)
    if retention.bytes is None:
        return gone
    excess = sum(segment.size for segment in kept) + sum(map(_sum_bytes, (*history, *gone))) - retention.bytes
    for segment in sorted((each for each in kept if each.table in LARGE), key=last_arrival):
        if excess <= 0:
            break
        gone.append(segment)
        excess -= segment.bytes
    return gone


def forgotten(history: Iterable[Segment], retention: Retention, now: int) -> list[Segment]:
    """The history that is to go: what is too old, then the oldest until the rest is a small part."""
    gone: list[Segment] = []
    left: list[Segment] = []
    for segment in sorted(history, key=last_arrival, reverse=True):
        is_old = retention.rollups is not None and last_arrival(segment) + retention.rollups < now
        (gone if is_old else left).append(segment)
    if retention.bytes is not None:
        excess = sum(map(_sum_bytes, left)) - retention.bytes // HISTORY_SHARE
        while excess > 0:
            gone.append(left.pop())
            excess -= _sum_bytes(gone[-1])
    return gone


def _sum_bytes(segment: Segment) -> int:
    return segment.rollup.bytes if segment.rollup else 0


def next_removal(segments: Iterable[Segment], retention: Retention) -> NextRemoval | None:
    """What age removes next; None where everything is kept for ever."""
    found: dict[int, list[Segment]] = {}
    for segment in segments:
        if (at := removed_at(segment, retention)) is not None:
            found.setdefault(at, []).append(segment)
    return NextRemoval(min(found), found[min(found)]) if found else None


def removed_at(segment: Segment, retention: Retention) -> int | None:
    """When a segment is old enough to go; None if never."""
    age = retention.age_of(AGED_AS.get(segment.table))
    # An age counts whole nanoseconds, and a row of just that age is not older yet.
    return None if age is None else last_arrival(segment) + age + 1


def last_arrival(segment: Segment) -> int:
    """When the last row of a segment arrived; where nobody looked, when its period ended."""
    if segment.received_max is not None:
        return segment.received_max
    span = _SPANS.get(segment.level, LEVELS[-1].span)
    return (segment.filed // span + 1) * span


def apply_retention(lake: Lake, now: int) -> list[Segment]:
    """Remove what is to go, and let the lake remember what it was told; returns the segments that are gone.

    A ``lake`` that was told nothing does as it was told before, by whoever collected into it last.
    """
    newest = lake.manifest()
    retention = newest.retention if lake.retention is None else lake.retention
    gone: list[Segment] = []
    sums: list[Segment] = []

    def look(newest: Manifest) -> bool:
        gone[:] = expired(newest.segments, retention, now, newest.history)
        past = [*newest.history, *(segment for segment in gone if segment.is_rolled)]
        sums[:] = forgotten(past, retention, now)
        return bool(gone or sums)

    def change(newest: Manifest) -> Manifest:
        look(newest)
        return _without(msgspec.structs.replace(newest, retention=retention), gone, sums)

    if not look(newest) and retention == newest.retention:
        return []
    lake.commit(change, now)
    if gone:
        (lake.path / ANSWERS).unlink(missing_ok=True)
        _log.info(
            "removed by retention",
            files=len(gone),
            flows=sum(segment.rows for segment in gone if segment.table == "flows"),
            bytes=sum(segment.bytes for segment in gone),
        )
    if sums:
        _log.info("sums removed by retention", files=len(sums), bytes=sum(map(_sum_bytes, sums)))
    return gone


def _without(manifest: Manifest, gone: Sequence[Segment], sums: Sequence[Segment]) -> Manifest:
    """A manifest whose segments that are ``gone`` are history, but for that whose ``sums`` go as well."""
    if not gone and not sums:
        return manifest
    paths, forgotten_paths = ({segment.path for segment in some} for some in (gone, sums))
    past = [*manifest.history, *(segment for segment in gone if segment.is_rolled)]
    files = [*paths, *(segment.rollup.path for segment in sums if segment.rollup)]
    removed = dict(manifest.removed)
    for segment in gone:
        before = removed.get(segment.table, Removed())
        removed[segment.table] = Removed(
            rows=before.rows + segment.rows,
            bytes=before.bytes + segment.bytes,
            before=max(before.before, last_arrival(segment) + 1),
        )
    return msgspec.structs.replace(
        manifest,
        segments=tuple(segment for segment in manifest.segments if segment.path not in paths),
        history=tuple(segment for segment in past if segment.path not in forgotten_paths),
        removed=removed,
        retired=(
            *manifest.retired,
            Retired(generation=manifest.generation + 1, segments=tuple(sorted(files))),
        ),
    )
