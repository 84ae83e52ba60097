"""Lookups: what is known beside a flow, joined to it as of the flow's own time.

A name belongs to an address for a while only, so each join takes the row that held when the flow began.
The relations are made so that at most one row does (``tidegauge.analysis.naming`` fills them): a join
never multiplies flows. A statement joins what its fields need and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.flow.fields import FIELDS
from tidegauge.query import applications, duplicates, openers, told_names
from tidegauge.query.syntax import And, Match, Not, Or
from tidegauge.query.vocabulary import Find, Pair, field_or_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegauge.flow.field import Field
    from tidegauge.query.syntax import Term

_FIELD = {field.name: field for field in FIELDS}
NEAR = "near_is_source(flows.src_addr, flows.dst_addr, flows.src_port, flows.dst_port)"
NEAR_ADDRESS = f"CASE WHEN {NEAR} THEN flows.src_addr ELSE flows.dst_addr END"
FAR_ADDRESS = f"CASE WHEN {NEAR} THEN flows.dst_addr ELSE flows.src_addr END"
MOMENT = 'epoch_ns(coalesce(flows.start, flows."end", flows.received))'
"""What joins speak of: whether the near end is the source, both ends, and when a flow began."""

_TIMED = "since BIGINT, until BIGINT"
_SERVICE = "service VARCHAR, category VARCHAR"

RELATIONS = {
    "holders": f"address UUID, {_TIMED}, person VARCHAR, machine VARCHAR, team VARCHAR, source VARCHAR,"
    " confidence UTINYINT, is_pinned BOOLEAN",
    "sites": f"client UUID, address UUID, {_TIMED}, name VARCHAR, source VARCHAR",
    "hidden_sites": "name VARCHAR",
    "hosts": f"address UUID, {_TIMED}, name VARCHAR, source VARCHAR",
    "site_services": f"name VARCHAR, {_SERVICE}",
    "range_services": f"first UUID, last UUID, {_SERVICE}",
    applications.RELATION: applications.COLUMNS,
    applications.REGISTERED: applications.REGISTERED_COLUMNS,
    told_names.RELATION: told_names.COLUMNS,
    duplicates.RELATION: duplicates.COLUMNS,
    openers.RELATION: openers.COLUMNS,
    "places": "first UUID, last UUID, as_number UINTEGER, as_name VARCHAR, country VARCHAR",
}
"""The columns of what is joined. Instants are nanoseconds; ``until`` is excluded, ``last`` included."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A left join of ``relation``, under its own name; ``needs`` are lookups its condition speaks of."""

    name: str
    relation: str
    kind: str
    condition: str
    needs: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The join."""
        return f"{self.kind} JOIN {self.relation} AS {self.name} ON {self.condition}"


def _then(name: str) -> str:
    return f"{MOMENT} >= {name}.since AND {MOMENT} < {name}.until"


def _timed(name: str, relation: str, condition: str) -> Lookup:
    return Lookup(name, relation, "LEFT", f"{condition} AND {_then(name)}")


def _placed(name: str, address: str) -> Lookup:
    """The last range that begins at or before the address; whether it reaches that far is the field's to say.

    A join by ``BETWEEN`` compares every flow with every range; an ordered one walks both once.
    """
    return Lookup(name, "places", "ASOF LEFT", f"{address} >= {name}.first")


def _application(name: str, kind: str) -> Lookup:
    return _timed(name, applications.RELATION, applications.is_told(name, kind))


def _told(name: str, kind: str, number: str) -> Lookup:
    return _timed(name, told_names.RELATION, told_names.is_told(name, kind, number))


# In the order they are joined.
LOOKUPS = {
    lookup.name: lookup
    for lookup in (
        _timed("src_holder", "holders", "src_holder.address = flows.src_addr"),
        _timed("dst_holder", "holders", "dst_holder.address = flows.dst_addr"),
        Lookup("hidden_site", "hidden_sites", "LEFT", "hidden_site.name = flows.site"),
        _timed(
            "client_site",
            "sites",
            f"client_site.client = {NEAR_ADDRESS} AND client_site.address = {FAR_ADDRESS}",
        ),
        _timed("far_host", "hosts", f"far_host.address = {FAR_ADDRESS}"),
        Lookup(
            "site_service",
            "site_services",
            "LEFT",
            f"site_service.name = {_FIELD['site'].resolved}",
            _FIELD["site"].lookups,
        ),
        Lookup(
            "far_service",
            "range_services",
            "LEFT",
            f"{FAR_ADDRESS} BETWEEN far_service.first AND far_service.last",
        ),
        _application("known_application", applications.NAME),
        _application("known_category", applications.CATEGORY),
        Lookup("registered_application", applications.REGISTERED, "LEFT", applications.IS_REGISTERED),
        _told("known_in_interface", told_names.INTERFACE, "flows.in_interface"),
        _told("known_out_interface", told_names.INTERFACE, "flows.out_interface"),
        _told("known_in_vrf", told_names.VRF, told_names.vrf("ingressVRFID")),
        _told("known_out_vrf", told_names.VRF, told_names.vrf("egressVRFID")),
        Lookup(duplicates.RELATION, duplicates.RELATION, "LEFT", duplicates.IS_DUPLICATE),
        Lookup(openers.RELATION, openers.RELATION, "LEFT", openers.IS_ABOUT),
        _placed("src_place", "flows.src_addr"),
        _placed("dst_place", "flows.dst_addr"),
    )
}


def lookups_of(
    term: Term, fields: Iterable[Field] = (), more: Iterable[str] = (), find: Find = field_or_pair
) -> tuple[str, ...]:
    """What a filter and the fields beside it need, and ``more``, in the order of joining.

    >>> from tidegauge.query.parser import parse
    >>> lookups_of(parse("src_user John and port 443").term)
    ('src_holder',)
    """
    wanted = {name for field in (*fields_of(term, find), *fields) for name in field.lookups} | {*more}
    wanted |= {need for name in wanted for need in LOOKUPS[name].needs}
    return tuple(name for name in LOOKUPS if name in wanted)


def joined(relation: str, lookups: Iterable[str]) -> str:
    """A FROM clause: ``relation`` as ``flows``, with the lookups joined to it.

    >>> joined("flows", ())
    'flows'
    """
    joins = [LOOKUPS[name].sql for name in lookups]
    return " ".join([relation if relation == "flows" else f"{relation} AS flows", *joins])


def fields_of(term: Term, find: Find = field_or_pair) -> Iterator[Field]:
    """The fields a filter speaks of, whose words mean what ``find`` says; some may come twice."""
    if isinstance(term, Match):
        entry = find(term.field)
        if isinstance(entry, Pair):
            yield from (entry.left, entry.right)
        elif entry is not None:
            yield entry
    elif isinstance(term, Not):
        yield from fields_of(term.term, find)
    elif isinstance(term, And | Or):
        for inner in term.terms:
            yield from fields_of(inner, find)
