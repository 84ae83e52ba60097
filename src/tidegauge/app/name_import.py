"""Names from files into a lake: leases, logs, tables; published ranges; places."""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from tidegauge.names.places import MAGIC, PlacedRange, PlacesError, combined, places_from_file
from tidegauge.names.ranges import RangesError, are_ranges, disjoint, ranges_from_published
from tidegauge.names.recognition import source_of
from tidegauge.names.source import HEAD_BYTES, Provenance
from tidegauge.query.lookups import RELATIONS
from tidegauge.store.bindings import append
from tidegauge.store.known_ranges import replace_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from tidegauge.flow.addresses import Network
    from tidegauge.names.ranges import Range
    from tidegauge.store.lake import Lake

_GZIP = b"\x1f\x8b"
_TAIL_BYTES = 128 * 1024
PLACES, RANGES = "places", "ranges"


class Read(NamedTuple):
    """What came of one file: its format (None: nobody recognises it), how many names, what was refused."""

    path: Path
    format: str | None
    names: int
    refused: Mapping[str, int]


class NameImport:
    """Reads files into a lake.

    ``as_of`` is when the files were written, in nanoseconds since 1970; None means what the file system says.
    ``zone`` is that of times without an offset.
    """

    def __init__(self, lake: Lake, zone: tzinfo, now: int, as_of: int | None = None) -> None:
        self._lake = lake
        self._zone = zone
        self._now = now
        self._as_of = as_of

    def read(self, paths: Sequence[Path]) -> Iterator[Read]:
        """Read files, each by what it holds. Files of places, and of ranges, replace those read before.

        Raises OSError for a file that cannot be opened.
        """
        placed = [path for path in paths if _is_placed(path)]
        published = [path for path in paths if path not in placed and _is_published(path)]
        if placed:
            yield from self._place(placed)
        if published:
            yield from self._publish(published)
        for path in paths:
            if path not in placed and path not in published:
                yield self._bind(path)

    def _bind(self, path: Path) -> Read:
        with _opened(path) as stream:
            source = source_of(stream.read(HEAD_BYTES))
        if source is None:
            return Read(path, None, 0, {})
        written = path.stat().st_mtime_ns if self._as_of is None else self._as_of
        provenance = Provenance(written, self._zone)
        with _opened(path) as stream:
            count = append(self._lake, source.bindings(stream, provenance), self._now)
        return Read(path, source.name, count, provenance.refused)

    def _publish(self, paths: Sequence[Path]) -> Iterator[Read]:
        networks: list[tuple[Network, str]] = []
        for path in paths:
            try:
                found = ranges_from_published(path.read_bytes(), _owner(path))
            except RangesError as error:
                yield Read(path, RANGES, 0, {str(error): 1})
                continue
            networks += found
            yield Read(path, RANGES, len(found), {})
        if networks:
            self._replace("range_services", map(_range_row, disjoint(networks)))

    def _place(self, paths: Sequence[Path]) -> Iterator[Read]:
        counts: Counter[Path] = Counter()
        failed: dict[Path, str] = {}

        def counted(path: Path) -> Iterator[PlacedRange]:
            try:
                for placed in places_from_file(path):
                    counts[path] += 1
                    yield placed
            except PlacesError as error:
                failed[path] = str(error)

        self._replace("places", map(_place_row, combined([counted(path) for path in paths])))
        for path in paths:
            yield Read(path, PLACES, counts[path], {failed[path]: 1} if path in failed else {})

    def _replace(self, relation: str, rows: Iterable[dict[str, Any]]) -> None:
        columns = dict(column.split() for column in RELATIONS[relation].split(", "))
        replace_ranges(self._lake, relation, columns, rows)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The content of a file, unpacked where logrotate has packed it."""
    with path.open("rb") as file:
        is_packed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        if is_packed:
            with gzip.open(file) as unpacked:
                yield unpacked  # type: ignore[misc] # a GzipFile reads as any binary stream does
        else:
            yield file


def _is_placed(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return MAGIC in file.read()


def _is_published(path: Path) -> bool:
    with path.open("rb") as file:
        return are_ranges(file.read(HEAD_BYTES))


def _owner(path: Path) -> str:
    """Whose ranges a file holds, by its name: ``google-cloud.json`` are those of Google-cloud."""
    return path.name.partition(".")[0].capitalize()


def _range_row(found: Range) -> dict[str, Any]:
    return {
        "first": found.first.to_bytes(16, "big"),
        "last": found.last.to_bytes(16, "big"),
        "service": found.service,
        "category": found.category,
    }


def _place_row(found: PlacedRange) -> dict[str, Any]:
    return {
        "first": found.first.to_bytes(16, "big"),
        "last": found.last.to_bytes(16, "big"),
        **found.place._asdict(),
    }
