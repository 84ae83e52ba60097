"""Flow keys: addresses, ports and protocol, which all who saw the same packets tell alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.alternatives import branches
from tidegauge.query.lookups import fields_of
from tidegauge.query.predicate import predicate
from tidegauge.query.syntax import And, conjunction

if TYPE_CHECKING:
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.syntax import Term

ASKED = "asked_flows"
"""The relation of all flows of the keys that a filter asks for, where these stand by themselves."""

KEY_FIELDS = frozenset({"src_addr", "dst_addr", "src_port", "dst_port", "protocol"})


def key_part(term: Term) -> Term | None:
    """What a filter says of the flow key alone: true of all flows of a key, or of none.

    None where it says nothing of that kind.

    >>> from tidegauge.query.canonical import canonical
    >>> from tidegauge.query.parser import parse
    >>> part = key_part(parse("ip 192.0.2.1 and port 53 and bytes > 1M").term)
    >>> canonical(part) if part else None
    'addr = 192.0.2.1 and port = 53'
    """
    parts = term.terms if isinstance(term, And) else (term,)
    of_keys = [part for part in parts if (names := _names(part)) and names <= KEY_FIELDS]
    return conjunction(of_keys) if of_keys else None


def flows_of_keys(part: Term, parameters: Parameters) -> str:
    """All flows of the keys for which a ``key_part`` is true, to select from.

    Each side of a filter by itself: either side in one condition skips no block.
    """
    ways = (f"SELECT * FROM flows WHERE {predicate(each, parameters)}" for each in branches(part))
    return f"({' UNION ALL '.join(ways)})"


def _names(term: Term) -> frozenset[str]:
    return frozenset(field.name for field in fields_of(term))
