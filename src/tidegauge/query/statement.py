"""SQL ready to run: its text, the values beside it, and what each column of its rows means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tidegauge.query.parameters import ParameterValue


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer.

    ``type`` is that of a field, or ``network``, whose rows hold the first address and whose
    ``lengths`` are the prefix lengths of IPv4 and IPv6.
    """

    name: str
    type: str
    unit: str = ""
    lengths: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One SELECT. Addresses come as 16 bytes and instants as nanoseconds: turning them to text is for later.

    Database drivers build slow objects for UUIDs, 128-bit numbers and zoned times; these forms are fast.
    ``lookups`` are joined in the text, and their relations must exist before it can run.
    """

    sql: str
    values: Mapping[str, ParameterValue]
    columns: tuple[Column, ...]
    lookups: tuple[str, ...] = ()


def rendered(expression: str, type_: str) -> str:
    """How a column of ``type_`` is selected at the end of a statement."""
    if type_ in ("address", "mac"):
        return f"CAST({expression} AS BLOB)"
    if type_ == "network":
        return f"CAST(CAST({expression} AS UUID) AS BLOB)"
    return f"epoch_ns({expression})" if type_ == "instant" else expression


def ordered(names: dict[str, str], order: str, descending: frozenset[str]) -> str:
    """The ORDER BY term for ``order``: ``names`` maps what may be ordered by to its SQL.

    Names in ``descending`` come largest first unless told otherwise. Raises KeyError for an unknown name
    or way.
    """
    name, is_falling = order_of(order, descending)
    return f"{names[name]} {'DESC' if is_falling else 'ASC'} NULLS LAST"


def order_of(order: str, descending: Collection[str]) -> tuple[str, bool]:
    """What ``order`` sorts by, and whether the largest comes first. Raises KeyError for an unknown way.

    >>> order_of("bytes", {"bytes"}), order_of("bytes:asc", {"bytes"})
    (('bytes', True), ('bytes', False))
    """
    name, colon, way = order.partition(":")
    return name, {"asc": False, "desc": True}[way] if colon else name in descending
