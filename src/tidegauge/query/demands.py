"""Demands: what a filter wants of a flow's key so that the flow can match, as numbers.

They leave at least the flows that match: what a filter says beyond them is for a database to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.flow.addresses import Network
from tidegauge.query.flow_keys import KEY_FIELDS
from tidegauge.query.syntax import And, Match, Span
from tidegauge.query.vocabulary import Pair, field_or_pair

if TYPE_CHECKING:
    from tidegauge.query.syntax import Term, Value

_ADDRESSES = frozenset({"src_addr", "dst_addr"})


class Demand(NamedTuple):
    """One of some ``columns`` has a value in one of some ``ranges``, both ends included.

    An address is the number that its bytes are, the first one the highest.
    """

    columns: tuple[str, ...]
    ranges: tuple[tuple[int, int], ...]


def demands(term: Term) -> list[Demand]:
    """What a filter demands, addresses first.

    >>> from tidegauge.query.parser import parse
    >>> for demand in demands(parse("port in [53, 443] and src ip ::1 and bytes > 1M").term):
    ...     print(demand.columns, demand.ranges)
    ('src_addr',) ((1, 1),)
    ('src_port', 'dst_port') ((53, 53), (443, 443))
    """
    terms = term.terms if isinstance(term, And) else (term,)
    found = [demand for each in terms if (demand := _demand(each))]
    return sorted(found, key=lambda demand: not _ADDRESSES.issuperset(demand.columns))


def _demand(term: Term) -> Demand | None:
    if not isinstance(term, Match) or term.operator != "=":
        return None
    entry = field_or_pair(term.field)
    fields = (entry.left, entry.right) if isinstance(entry, Pair) else (entry,)
    columns = tuple(field.name for field in fields if field)
    ranges = [_range(value) for value in term.values]
    told = tuple(each for each in ranges if each)
    is_told = len(told) == len(ranges) and KEY_FIELDS.issuperset(columns)
    return Demand(columns, told) if is_told else None


def _range(value: Value) -> tuple[int, int] | None:
    if isinstance(value, Network):
        return value.first, value.last
    if isinstance(value, Span):
        return value.low, value.high
    return (value, value) if isinstance(value, int) else None
