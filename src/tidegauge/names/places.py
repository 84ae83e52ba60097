"""Where addresses are and who runs their network, from files in MaxMind's format.

GeoLite2-ASN, GeoLite2-Country or -City, DB-IP Lite and others: each knows some of it, so several files
are laid over one another. Nothing is fetched, and no file comes with tidegauge: their licences differ.
"""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_V4_MAPPED = 0xFFFF << 32
_V4_LAST = 2**32 - 1
MAGIC = b"\xab\xcd\xefMaxMind.com"
"""What the description at the end of such a file begins with."""


class PlacesError(ValueError):
    """A file of places cannot be read; the message says why."""


class Place(NamedTuple):
    """What is known of a range; None where no file says."""

    as_number: int | None
    as_name: str | None
    country: str | None


class PlacedRange(NamedTuple):
    """Addresses from ``first`` to ``last``, both included."""

    first: int
    last: int
    place: Place


def places_from_file(path: Path) -> Iterator[PlacedRange]:
    """Yield the ranges of one file by address; those that say nothing of interest are left out.

    Raises PlacesError for a file of another format.
    """
    import maxminddb  # noqa: PLC0415 (only an import of places needs it)

    try:
        with maxminddb.open_database(path) as database:
            for network, record in database:
                place = _place(record)
                if any(part is not None for part in place):
                    first, last = int(network.network_address), int(network.broadcast_address)
                    # IPv4 lies at ::/96 in these files, and mapped with us.
                    offset = _V4_MAPPED if last <= _V4_LAST else 0
                    yield PlacedRange(first | offset, last | offset, place)
    except (maxminddb.InvalidDatabaseError, ValueError) as error:
        raise PlacesError(f"no file in MaxMind's format: {error}") from None


def combined(layers: Sequence[Iterable[PlacedRange]]) -> Iterator[PlacedRange]:
    """Lay files over one another: cut wherever one changes; of what two say, the first counts."""
    edges = merge(*(_edges(ranges, number) for number, ranges in enumerate(layers)))
    standing: list[PlacedRange | None] = [None] * len(layers)
    since, pending = 0, None
    for at, number, begun in edges:
        if at > since and (place := _said(standing)) is not None:
            if pending and pending.last + 1 == since and pending.place == place:
                pending = pending._replace(last=at - 1)
            else:
                if pending:
                    yield pending
                pending = PlacedRange(since, at - 1, place)
        since, standing[number] = at, begun
    if pending:
        yield pending


def _edges(ranges: Iterable[PlacedRange], number: int) -> Iterator[tuple[int, int, PlacedRange | None]]:
    """Where each range begins, and where nothing follows its end."""
    previous: PlacedRange | None = None
    for found in ranges:
        if previous and previous.last + 1 < found.first:
            yield previous.last + 1, number, None
        yield found.first, number, found
        previous = found
    if previous:
        yield previous.last + 1, number, None


def _said(standing: Sequence[PlacedRange | None]) -> Place | None:
    places = [found.place for found in standing if found]
    if not places:
        return None
    return Place(
        *(next((part for part in parts if part is not None), None) for parts in zip(*places, strict=True))
    )


def _place(record: Any) -> Place:  # noqa: ANN401 (whatever the file holds)
    if not isinstance(record, dict):
        return Place(None, None, None)
    number, name = record.get("autonomous_system_number"), record.get("autonomous_system_organization")
    country = record.get("country") or record.get("registered_country")
    code = country.get("iso_code") if isinstance(country, dict) else country
    return Place(
        number if isinstance(number, int) and 0 <= number < 2**32 else None,
        name if isinstance(name, str) else None,
        code if isinstance(code, str) else None,
    )
