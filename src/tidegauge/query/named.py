"""Named flows: flows beside which the names that belong to them stand already.

A page asks ten questions about the same hours, and most of their work is to find out who held which address
when and what site stood behind it. Where the flows of those hours are few enough to be kept, that is done
once for all: the relation ``named`` has the columns of ``flows`` and ``known_…`` for each field that names
tell. What other lookups tell is joined to it as it is to ``flows``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegauge.flow.fields import FIELDS
from tidegauge.query.lookups import FAR_ADDRESS, MOMENT, NEAR, NEAR_ADDRESS, joined, lookups_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.predicate import column
from tidegauge.query.syntax import Anything
from tidegauge.query.vocabulary import Pair, field_or_pair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.flow.field import Field
    from tidegauge.query.parameters import ParameterValue

RELATION = "named"


_KEPT = (
    "received", "start", "end", "exporter", "observation_domain", "direction", "src_addr", "dst_addr",
    "src_port", "dst_port", "protocol", "tcp_flags", "packets", "bytes", "sampling_interval", "in_interface",
    "out_interface", "application",
)  # fmt: skip
"""The columns of ``flows`` that stand in it: of each row, a column more takes as much time as a name."""

_TOLD = ("user", "user_source", "machine", "team", "site", "site_source", "service", "category")

_NAMED = tuple(field for field in FIELDS if field.name in _TOLD)
NAMES = lookups_of(Anything(), _NAMED)
"""The lookups that are joined to make it."""

_KNOWN = {
    field.name: replace(field, sql=f'"known_{field.name}"', resolved="", lookups=()) for field in _NAMED
}
_MISSING = re.compile(
    "|".join(rf"\b{field.name}\b" for field in FIELDS if not field.is_derived and field.name not in _KEPT)
)


def known(word: str) -> Field | Pair | None:
    """What a word means over ``named``, or None.

    >>> known("who_knows"), known("person").sql
    (None, '"known_user"')
    """
    entry = field_or_pair(word)
    if isinstance(entry, Pair):
        return replace(entry, left=known_field(entry.left), right=known_field(entry.right))
    return entry and known_field(entry)


def known_field(field: Field) -> Field:
    """A field as it is over ``named``."""
    return _KNOWN.get(field.name, field)


def is_worth_naming(fields: Iterable[Field]) -> bool:
    """Whether a question about these fields is better asked of ``named``."""
    asked = [known_field(field) for field in fields]
    return any(field.name in _KNOWN for field in asked) and all(map(_is_kept, asked))


_SIDE = dict.fromkeys((NEAR, NEAR.replace("flows.", "")), "flows.is_near_source")
_PLACE = {NEAR_ADDRESS: "flows.near_address", FAR_ADDRESS: "flows.far_address", MOMENT: "flows.moment"}
"""What stands beside a flow while it is named, instead of being worked out anew for each join and name."""


def named_flows(time_range: TimeRange, flows: str = "FROM flows") -> tuple[str, dict[str, ParameterValue]]:
    """The SELECT of the rows of ``named`` that a range touches, with its values; it joins ``NAMES``.

    ``flows`` is the SELECT of the flows that are named.
    """
    parameters = Parameters()
    told = ", ".join(f"{_put(column(field), _SIDE)} AS {_KNOWN[field.name].sql}" for field in _NAMED)
    conditions = ["TRUE"]
    # A flow that ends before it starts lived at its start.
    if time_range.since is not None:
        end = 'greatest(coalesce("end", start, received), coalesce(start, "end", received))'
        conditions.append(f"epoch_ns({end}) >= CAST({parameters.add(time_range.since)} AS BIGINT)")
    if time_range.until is not None:
        start = 'coalesce(start, "end", received)'
        conditions.append(f"epoch_ns({start}) < CAST({parameters.add(time_range.until)} AS BIGINT)")
    kept = ", ".join(f'flows."{name}"' for name in _KEPT)
    placed = ", ".join(f"{_put(sql, _SIDE)} AS {name.partition('.')[2]}" for sql, name in _PLACE.items())
    sql = f"""
        WITH sided AS (SELECT *, {NEAR} AS is_near_source FROM ({flows}) AS flows
            WHERE {" AND ".join(conditions)}),
        placed AS (SELECT *, {placed} FROM sided AS flows)
        SELECT {kept}, {told} FROM {_put(joined("placed", NAMES), _PLACE | _SIDE)}"""
    return sql, parameters.values


def _put(sql: str, known: dict[str, str]) -> str:
    for written, name in known.items():
        sql = sql.replace(written, name)
    return sql


def _is_kept(field: Field) -> bool:
    if field.name in _KNOWN:
        return True
    return not _MISSING.search(field.resolved or field.sql or field.name)
