"""Files of rollups: made of flows, or of the rollups of the files whose flows are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegauge._core import SegmentWriter
from tidegauge.store.durable import PARTIAL
from tidegauge.store.fault import altered, fault_at_a_glance
from tidegauge.store.segment import ROLLED_TABLES, Rollup, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def rollup_path(path: str) -> str:
    """The path of a rollup, beside the flows it is of."""
    return path.removesuffix("flows.parquet") + "rollups.parquet"


def write_rollup(root: Path, segment: Segment) -> Rollup:
    """Write the rollup of a segment of flows, in place of one that is damaged.

    Raises OSError, without a number where it is of the flows.
    """
    path = rollup_path(segment.path)
    written = _write(root, [segment], path)
    return _described(path, written) if written["rows"] else Rollup()


def join_rollups(root: Path, parts: Sequence[Segment], path: str) -> Rollup | None:
    """Write the rollup of flows that were joined from ``parts``, adding up what theirs tell.

    That costs a small part of looking at each flow again; parts that have none are read. None, and no file,
    where theirs do not tell the same tables, for one that did not pay may pay of more flows, and where one
    is damaged.
    """
    rolled = [each for each in parts if each.is_rolled and _is_sound(root, each)]
    tables = {frozenset(each.rollup.tables) for each in rolled if each.rollup}
    if len(tables) != 1 or any(each.rollup == Rollup() for each in parts):
        return None
    sources = [each.sums if each in rolled and each.sums else each for each in parts]
    try:
        written = _write(root, sources, rollup_path(path))
    except OSError as error:
        if error.errno is not None:
            raise  # of the system, not of a file's content
        written = {"rows": 0}
    joined = _described(rollup_path(path), written) if written["rows"] else Rollup()
    if joined.tables.keys() != next(iter(tables)):
        (root / rollup_path(path)).unlink(missing_ok=True)
        return None
    return _widened(joined, [each.rollup for each in rolled if each.rollup])


def _is_sound(root: Path, segment: Segment) -> bool:
    sums = segment.sums
    return sums is not None and not fault_at_a_glance(
        msgspec.structs.replace(sums, path=f"{root}/{sums.path}")
    )


def _write(root: Path, sources: Sequence[Segment], path: str) -> dict[str, int]:
    target = root / path
    partial = target.with_name(f".{target.name}{PARTIAL}")
    try:
        written = SegmentWriter("rollups").merge([f"{root}/{each.path}" for each in sources], str(partial))
        if found := altered(root, sources, written):
            raise OSError(", ".join(f"{source} {why}" for source, why in found.items()))
        if written["rows"]:
            partial.replace(target)
        return written
    finally:
        partial.unlink(missing_ok=True)


def _widened(joined: Rollup, parts: Sequence[Rollup]) -> Rollup:
    """A rollup whose file tells what parts do, with their lives and directions, which are in no file."""
    known = [*parts, joined] if joined.last else parts
    directions = [each for part in known for each in part.directions]
    return msgspec.structs.replace(
        joined,
        first=min(part.first for part in known),
        last=max(part.last for part in known),
        directions=(min(directions), max(directions)) if directions else (),
    )


def _described(path: str, written: dict[str, int]) -> Rollup:
    sizes = {
        table: (written.get(f"rows of {table}"), written.get(f"bytes of {table}")) for table in ROLLED_TABLES
    }
    return Rollup(
        path=path,
        bytes=written["file_bytes"],
        tables={table: (rows, size) for table, (rows, size) in sizes.items() if rows and size is not None},
        first=written.get("start_min", 0),
        last=written.get("end_max", 0),
        directions=tuple(written[name] for name in ("direction_min", "direction_max") if name in written),
        sums=(written["bytes"], written["packets"]),
        checksum=written["checksum"],
    )
