"""Naming: the relations that name fields are looked up in, made from what the lake was told.

Only what a question needs is worked out, from all that is known when it is asked: a name learnt today also
tells what was seen yesterday. In a process that answers many questions, those asked before anything new is
learnt share what was worked out.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.applications import make_applications, make_registered_applications
from tidegauge.analysis.flattening import highest, newest
from tidegauge.analysis.told_names import make_told_names
from tidegauge.flow.binding import Binding, Kind
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.names.holders import holders
from tidegauge.names.inventory import Inventory, InventoryError, read_inventory
from tidegauge.names.services import HIDDEN, Services, ServicesError, read_services
from tidegauge.names.timeline import EVER, FOREVER
from tidegauge.query import applications, openers, told_names
from tidegauge.query.lookups import LOOKUPS, RELATIONS
from tidegauge.store.bindings import bindings_seen, told_of
from tidegauge.store.engines.duckdb import HOME_NETWORKS
from tidegauge.store.engines.rows import make_table
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.known_ranges import view_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tidegauge.flow.addresses import Network
    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.lake import Lake


_IS_V4 = (
    "BETWEEN '00000000-0000-0000-0000-ffff00000000'::UUID AND '00000000-0000-0000-0000-ffffffffffff'::UUID"
)
_ANSWERS = f"""
    WITH told AS (
      SELECT *, client {_IS_V4} AS by_v4, address {_IS_V4} AS for_v4 FROM bindings
      WHERE kind = 'site' AND client IS NOT NULL AND since < $until AND since >= (
        SELECT coalesce(min(since), $since) FROM bindings WHERE kind = 'site' AND until > $since)),
    twins AS (
      SELECT one.address AS client, other.address AS twin, other.address {_IS_V4} AS is_v4,
        greatest(one.since, other.since) AS since, least(one.until, other.until) AS until
      FROM holders AS one JOIN holders AS other USING (machine)
      WHERE (one.address {_IS_V4}) <> (other.address {_IS_V4}))
    SELECT coalesce(twins.twin, told.client) AS client, told.address AS address, told.since AS since,
      told.until AS until, told.name AS name, told.source AS source
    FROM told LEFT JOIN twins ON twins.client = told.client AND twins.is_v4 = for_v4 AND by_v4 <> for_v4
      AND told.since >= twins.since AND told.since < twins.until"""
"""Answers to clients. Whoever asks over IPv4 for an IPv6 address will use it from an IPv6 address of the
same machine, and the other way round."""


_DAY = 86_400_000_000_000


class _Row(msgspec.Struct):
    """A row of ``holders``."""

    address: bytes
    since: int
    until: int
    person: str | None
    machine: str | None
    team: str | None
    source: str
    confidence: int
    is_pinned: bool


def provide(engine: Engine, lake: Lake, lookups: Iterable[str], since: int | None, until: int | None) -> None:
    """Create the relations that ``lookups`` join, where they are not there yet.

    ``since`` and ``until`` say which flows will be asked about; names for other times may be missing.
    Raises LakeUnreadableError where the inventory or a table of services has a mistake in it.
    """
    # A flow of the range may have begun long before it.
    first = EVER if since is None else max(EVER, since - MAX_FLOW_AGE)
    last = FOREVER if until is None else until
    if engine.has_stock:
        first, last = _whole_days(first, last)
    naming = _Naming(engine, lake, first, last)
    for lookup in lookups:
        naming.make(LOOKUPS[lookup].relation)


def inventory_of(lake: Lake) -> Inventory:
    """The lake's inventory. Raises LakeUnreadableError where it has a mistake in it."""
    with _mistakes_told():
        return read_inventory(lake.path / "names" / "inventory.toml")


def home_of(lake: Lake) -> tuple[Network, ...]:
    """The networks that are home: the inventory's, else the private ranges."""
    return inventory_of(lake).home_networks or HOME_NETWORKS


def macros_of(lake: Lake) -> dict[str, str]:
    """Filters by name: ``@home``, and one for each named network of the inventory."""
    named: dict[str, list[str]] = {"home": [str(network) for network in home_of(lake)]}
    for name, network in inventory_of(lake).named_networks:
        named.setdefault(name, []).append(str(network))
    return {name: f"net in [{', '.join(networks)}]" for name, networks in named.items()}


def services_of(lake: Lake) -> Services:
    """The table of services with the lake's own lines. Raises LakeUnreadableError for a mistake there."""
    with _mistakes_told():
        return read_services(lake.path / "names" / "services.toml")


def _whole_days(since: int, until: int) -> tuple[int, int]:
    """The days a range touches, so that questions asked one after the other are about the same."""
    return (
        since if since == EVER else since // _DAY * _DAY,
        until if until == FOREVER else min(FOREVER, -(-until // _DAY) * _DAY),
    )


_SITE_SERVICES = "site_services"
_OF_FLOWS = frozenset({_SITE_SERVICES, applications.RELATION, told_names.RELATION, openers.RELATION})
"""Made from flows or options as well: other questions are about other ones."""


class _Naming:
    """Makes relations for the flows of one range of time."""

    def __init__(self, engine: Engine, lake: Lake, since: int, until: int) -> None:
        self._engine = engine
        self._lake = lake
        self._range = {"since": since, "until": until}
        # Before anything is read: what is learnt meanwhile may be in a relation, and counts as not in it.
        self._told = told_of(lake)

    def make(self, relation: str) -> None:
        """Make a relation, and first what it is made from."""
        if self._engine.sees(relation):
            return
        makers: dict[str, Callable[[], None]] = {
            "holders": self._make_holders,
            "sites": self._make_sites,
            "hidden_sites": self._make_hidden_sites,
            "hosts": self._make_hosts,
            _SITE_SERVICES: self._make_site_services,
            applications.RELATION: lambda: make_applications(self._engine),
            applications.REGISTERED: lambda: make_registered_applications(self._engine),
            told_names.RELATION: lambda: make_told_names(self._engine),
            openers.RELATION: self._make_openers,
        }
        key: tuple[object, ...] | None = (self._told, *self._range.values())
        maker = makers.get(relation)
        if maker is None:
            key = (self._told,)
            maker = partial(view_ranges, self._engine, self._lake, relation, RELATIONS[relation])
        elif relation in _OF_FLOWS:
            tables = frozenset(stand.table for stand in self._engine.stands)
            is_of_standing = relation == _SITE_SERVICES and tables
            key = (self._told, *self._range.values(), tables) if is_of_standing else None
        self._engine.share(relation, key, maker)

    def _make_holders(self) -> None:
        keys = ("kind", "address", "is_pinned", "confidence", "pinned_at")
        source = """
            SELECT *, CASE WHEN is_pinned THEN since END AS pinned_at FROM bindings
            WHERE kind IN ('mac', 'machine', 'person') AND since < $until"""
        columns = "kind, CAST(address AS BLOB), name, since, until, source, confidence, is_pinned"
        with bindings_seen(self._engine, self._lake):
            told = self._engine.rows(
                f"SELECT {columns} FROM ({newest(source, keys)}) WHERE until > $since", self._range
            )
        rows = (
            _Row(holder.address, holder.since, holder.until, *holder.who)
            for holder in holders(map(_binding, told), inventory_of(self._lake))
        )
        make_table(self._engine.connection, "holders", _columns("holders"), rows)

    def _make_sites(self) -> None:
        self.make("holders")
        sql = f"SELECT * FROM ({newest(_ANSWERS, ('client', 'address'))}) WHERE until > $since"
        with bindings_seen(self._engine, self._lake):
            self._engine.rows(f"CREATE TEMP TABLE sites AS {sql}", self._range)
        services = services_of(self._lake)
        hidden = [name for name in self._names("sites") if services.is_hidden(name)]
        self._engine.rows(
            f"UPDATE sites SET name = NULL, source = '{HIDDEN}' WHERE list_contains($hidden, name)",
            {"hidden": hidden},
        )

    def _make_hidden_sites(self) -> None:
        rows = [{"name": name} for name in services_of(self._lake).hidden_names]
        make_table(self._engine.connection, "hidden_sites", _columns("hidden_sites"), rows)

    def _make_hosts(self) -> None:
        source = """
            SELECT *, CASE WHEN is_pinned THEN since END AS pinned_at FROM bindings
            WHERE kind = 'host' AND since < $until"""
        keys = ("address", "is_pinned", "confidence", "pinned_at")
        with bindings_seen(self._engine, self._lake):
            sql = f"CREATE OR REPLACE TEMP TABLE told_hosts AS {newest(source, keys)}"
            self._engine.rows(sql, {"until": self._range["until"]})
        self._engine.rows(f"CREATE TEMP TABLE hosts AS {highest('told_hosts', 'address')}")

    def _make_site_services(self) -> None:
        for relation in ("sites", "hosts"):
            self.make(relation)
        services = services_of(self._lake)
        found = ((name, services.of(name)) for name in self._names("sites", "hosts", "flows"))
        rows = (
            {"name": name, "service": service.name, "category": service.category}
            for name, service in found
            if service is not None
        )
        make_table(self._engine.connection, _SITE_SERVICES, _columns(_SITE_SERVICES), rows)

    def _make_openers(self) -> None:
        self._engine.keep(openers.RELATION, openers.OPENERS)

    def _names(self, *relations: str) -> list[str]:
        """Every name there is in some relations; that of a flow is its site."""
        columns = {"flows": "site"}
        parts = [f"SELECT {columns.get(relation, 'name')} AS name FROM {relation}" for relation in relations]
        sql = f"SELECT DISTINCT name FROM ({' UNION ALL '.join(parts)}) WHERE name IS NOT NULL"
        return [name for (name,) in self._engine.rows(sql)]


def _binding(row: tuple[str, bytes, str, int, int, str, int, bool]) -> Binding:
    kind, address, name, since, until, source, confidence, is_pinned = row
    return Binding(
        kind=Kind(kind),
        address=address,
        name=name,
        since=since,
        until=until,
        source=source,
        confidence=confidence,
        is_pinned=is_pinned,
    )


def _columns(relation: str) -> dict[str, str]:
    return dict(column.split() for column in RELATIONS[relation].split(", "))


@contextmanager
def _mistakes_told() -> Iterator[None]:
    try:
        yield
    except (InventoryError, ServicesError) as error:
        raise LakeUnreadableError(str(error)) from None
