"""Segments: the immutable Parquet files of a lake, as its manifest describes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLES = ("flows", "options", "sightings", "ledger")
ROLLED_TABLES = (
    "minutes", "exporter", "src_addr", "dst_addr", "src_port", "dst_port", "protocol", "tos",
    "src_as", "dst_as", "in_interface", "out_interface", "vlan", "received",
)  # fmt: skip
"""The tables of a rollup, by number; its first is by minute, the others by hour."""
MINUTES = ROLLED_TABLES[0]
ROLLUPS = "rollups"
"""The table of the files of rollups, as far as they are looked after like segments."""
TAIL = "tail"
"""The level of a file that no manifest names yet."""
NANOSECONDS = 1_000_000_000
MINUTE, HOUR = 60 * NANOSECONDS, 3600 * NANOSECONDS


class Rollup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the flows of a segment come to, in a file beside it: exactly those flows, each counted once.

    ``tables`` maps the names of its tables to their rows and bytes. ``first`` is where the first life of a
    flow begins and ``last`` where the last one ends, ``directions`` are the lowest and the highest, ``sums``
    all bytes and packets. Without a ``path`` somebody looked, and the flows cannot be rolled up.
    """

    path: str = ""
    bytes: int = 0
    tables: dict[str, tuple[int, int]] = {}
    first: int = 0
    last: int = 0
    directions: tuple[int, ...] = ()
    sums: tuple[int, int] = (0, 0)
    checksum: int | None = None


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of one table. Instants are nanoseconds since 1970.

    ``rows`` and ``bytes`` are 0, and the instants None, for a file of a tail: nobody has looked inside yet.
    ``filed`` is the hour whose folder holds the file. ``checksum`` is that of the whole file (CRC-32), None
    where an older release wrote it. ``rollup`` is None where nobody has tried yet.
    """

    table: str
    path: str
    rows: int = 0
    bytes: int = 0
    level: str = TAIL
    filed: int = 0
    received_min: int | None = None
    received_max: int | None = None
    start_min: int | None = None
    end_max: int | None = None
    checksum: int | None = None
    rollup: Rollup | None = None

    @property
    def is_rolled(self) -> bool:
        """Whether there are sums of its flows."""
        return self.rollup is not None and bool(self.rollup.path)

    @property
    def sums(self) -> Segment | None:
        """The file of its rollup, as the segment of a table of its own; None where it has none."""
        if self.rollup is None or not self.rollup.path:
            return None
        rolled = self.rollup
        rows = sum(rows for rows, _ in rolled.tables.values())
        return Segment(
            table=ROLLUPS,
            path=rolled.path,
            level=self.level,
            rows=rows,
            bytes=rolled.bytes,
            checksum=rolled.checksum,
        )

    @property
    def size(self) -> int:
        """Bytes of all that goes when the segment goes."""
        return self.bytes + (self.rollup.bytes if self.rollup else 0)

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of all that goes when the segment goes."""
        return (self.path, self.rollup.path) if self.rollup and self.rollup.path else (self.path,)

    def may_touch(self, since: int | None, until: int | None) -> bool:
        """Whether a row of the file can lie in ``[since, until)``, by its flow times or its arrival.

        Both count, because a record without flow times is placed at its arrival.
        """
        lows = [instant for instant in (self.start_min, self.received_min) if instant is not None]
        highs = [instant for instant in (self.end_max, self.received_max) if instant is not None]
        if until is not None and lows and min(lows) >= until:
            return False
        return not (since is not None and highs and max(highs) < since)


def span_of(table: str) -> int:
    """How long the stretches of time are that a table tells apart, in nanoseconds."""
    return MINUTE if table == MINUTES else HOUR


def newest_of(segments: Iterable[Segment], most_rows: int) -> list[Segment]:
    """The segments that arrived last, as many as hold so many rows; one of a tail comes before all others."""
    newest: list[Segment] = []
    rows = 0
    for segment in sorted(segments, key=lambda each: -(each.received_max or 2**63)):
        if rows >= most_rows:
            break
        newest.append(segment)
        rows += segment.rows
    return newest


def segment_path(filed: int, level: str, writer: str, sequence: int, table: str) -> str:
    """Path of a segment inside its lake; the hour it is filed under makes the folders.

    >>> segment_path(1_767_225_600 * NANOSECONDS, "minute", "collect-7f", 60, "flows")
    'segments/2026/01/01/00-minute-collect-7f-60.flows.parquet'
    """
    hour = datetime.fromtimestamp(filed // NANOSECONDS, UTC)
    return f"segments/{hour:%Y/%m/%d/%H}-{level}-{writer}-{sequence}.{table}.parquet"
