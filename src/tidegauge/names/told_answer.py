"""DNS answers that exporters saw pass and tell of, each an options record of elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.names.answer import site_of_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge.flow.binding import Binding

_V4_MAPPED = bytes(10) + b"\xff\xff"
_NAME, _TTL, _TIME = "tidegaugeDnsName", "tidegaugeDnsTtl", "observationTimeMilliseconds"
_MILLISECOND = 1_000_000
# Whatever an exporter says, what follows from it fits 64 bits.
_LATEST = 2**62


def binding_of_record(elements: Mapping[str, bytes], shift: int = 0) -> Binding | None:
    """What a client was told, by the record's raw elements; None where the record is of something else.

    ``shift`` is added to the time that is told.
    """
    name, time = elements.get(_NAME), elements.get(_TIME)
    client, address = (
        _address(elements, "destination", "Address"),
        _address(elements, "tidegaugeDns", "Address"),
    )
    if name is None or time is None or client is None or address is None:
        return None
    return site_of_answer(
        name.rstrip(b"\0").decode("ascii", "replace"),
        address,
        client,
        min(int.from_bytes(time) * _MILLISECOND, _LATEST) + shift,
        int.from_bytes(elements.get(_TTL, b"")),
    )


def _address(told: Mapping[str, bytes], before: str, behind: str) -> bytes | None:
    v4, v6 = told.get(f"{before}IPv4{behind}"), told.get(f"{before}IPv6{behind}")
    return v6 if v6 is not None else _V4_MAPPED + v4 if v4 is not None else None
