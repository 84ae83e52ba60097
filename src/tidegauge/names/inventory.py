"""The inventory: who works here and with what, as somebody wrote it down (``inventory.toml``)."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tidegauge.flow.addresses import Network, network_from_text
from tidegauge.names.address import packed_address
from tidegauge.names.mac import mac_from_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Shape = TypeVar("Shape")


class InventoryError(ValueError):
    """The inventory cannot be read; the message says at which place, and why."""


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody; ``accounts`` are the names under which this person logs in."""

    team: str | None = None
    accounts: tuple[str, ...] = ()


class Machine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device, known by its hardware addresses, by fixed addresses, or by what it calls itself.

    ``host_names`` are taken on trust: whoever names a device so is taken for its owner.
    """

    owner: str | None = None
    team: str | None = None
    macs: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()


class Inventory(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """What the file says: people and machines by name, home networks, and networks that have a name."""

    home: tuple[str, ...] = ()
    people: dict[str, Person] = {}
    machines: dict[str, Machine] = {}
    networks: dict[str, tuple[str, ...]] = {}

    @cached_property
    def home_networks(self) -> tuple[Network, ...]:
        """The office's own networks; empty where the private ranges are meant."""
        return tuple(network_from_text(text) for text in self.home)

    @cached_property
    def named_networks(self) -> tuple[tuple[str, Network], ...]:
        """Each named network with each of its ranges."""
        return tuple(
            (name, network_from_text(text)) for name, texts in self.networks.items() for text in texts
        )

    @cached_property
    def machine_by_mac(self) -> Mapping[str, str]:
        """Names of machines by hardware address, spelt as ``mac_from_text`` does."""
        return {mac_from_text(mac) or mac: name for name, mac in self.each("macs")}

    @cached_property
    def machine_by_address(self) -> Mapping[bytes, str]:
        """Names of machines by fixed address."""
        return {packed_address(text) or b"": name for name, text in self.each("addresses")}

    def machine_calling_itself(self, host_name: str) -> str | None:
        """The machine that gives this host name, with or without its domain."""
        return self._by_host_name.get(host_name.lower()) or self._by_host_name.get(
            host_name.lower().partition(".")[0]
        )

    def person_logging_in_as(self, login: str) -> str | None:
        r"""The person behind a log-in: ``jdoe``, ``OFFICE\jdoe`` and ``jdoe@office.example`` are one."""
        login = login.lower()
        bare = login.rpartition("\\")[2].partition("@")[0]
        return self._by_account.get(login) or self._by_account.get(bare)

    @cached_property
    def _by_host_name(self) -> Mapping[str, str]:
        return {host_name.lower(): name for name, host_name in self.each("host_names")}

    @cached_property
    def _by_account(self) -> Mapping[str, str]:
        own = {name.lower(): name for name in self.people}
        return own | {
            account.lower(): name for name, person in self.people.items() for account in person.accounts
        }

    def owner_of(self, machine: str) -> str | None:
        """Who a machine belongs to, if anybody."""
        found = self.machines.get(machine)
        return found.owner if found else None

    def team_of(self, person: str | None, machine: str | None) -> str | None:
        """The team of the person, or that of a machine nobody sits at."""
        if person is not None:
            return self.people[person].team if person in self.people else None
        return self.machines[machine].team if machine in self.machines else None

    def each(self, field: str) -> Iterator[tuple[str, str]]:
        """Every entry of a list that machines have, with the machine's name before it."""
        for name, machine in self.machines.items():
            for text in getattr(machine, field):
                yield name, text


def read_inventory(path: Path) -> Inventory:
    """Read an inventory; a file that is not there is an empty one.

    Raises InventoryError, which names the file and the place in it.
    """
    try:
        return inventory_from_text(path.read_text("utf-8"))
    except FileNotFoundError:
        return Inventory()
    except (InventoryError, UnicodeDecodeError) as error:
        raise InventoryError(f"{path}: {error}") from None


@lru_cache(maxsize=4)
def inventory_from_text(text: str) -> Inventory:
    r"""Read the text of an inventory. Raises InventoryError for anything that is not meant to be there.

    >>> inventory_from_text('[machines]\nlaptop = { mac = "00:1b:44:11:3a:01" }')
    Traceback (most recent call last):
    ...
    tidegauge.names.inventory.InventoryError: machines.laptop: Object contains unknown field `mac`
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InventoryError(str(error)) from None
    # One by one first: an error inside a table then names the entry, which msgspec calls "[...]".
    for table, shape in (("people", Person), ("machines", Machine)):
        entries = content.get(table)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            _converted(entry, shape, f"{table}.{name}: ")
    inventory = _converted(content, Inventory)
    for problem in _problems(inventory):
        raise InventoryError(problem)
    return inventory


def _converted(content: Any, shape: type[Shape], place: str = "") -> Shape:  # noqa: ANN401 (whatever TOML holds)
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as error:
        raise InventoryError(f"{place}{error}") from None


def _problems(inventory: Inventory) -> Iterator[str]:
    """What is well formed and still cannot be meant."""
    for name, machine in inventory.machines.items():
        place = f"machines.{name}"
        if machine.owner is not None and machine.owner not in inventory.people:
            meant = _meant(machine.owner, inventory)
            yield f"{place}.owner: nobody in [people] is called {machine.owner!r}{meant}"
        yield from (
            f"{place}.macs: {mac!r} is no hardware address" for mac in machine.macs if not mac_from_text(mac)
        )
        yield from (
            f"{place}.addresses: {text!r} is no IP address"
            for text in machine.addresses
            if not packed_address(text)
        )
    yield from _shared("macs", ((mac_from_text(mac), name) for name, mac in inventory.each("macs")))
    yield from _shared(
        "addresses", ((packed_address(text), name) for name, text in inventory.each("addresses"))
    )
    yield from _shared("host_names", ((host.lower(), name) for name, host in inventory.each("host_names")))
    networks = {
        "home": inventory.home,
        **{f"networks.{name}": texts for name, texts in inventory.networks.items()},
    }
    for place, texts in networks.items():
        for text in texts:
            try:
                network_from_text(text)
            except ValueError as error:
                yield f"{place}: {text!r} is no network: {error}"


def _shared(field: str, used: Iterable[tuple[object, str]]) -> Iterator[str]:
    """What belongs to two machines: nobody could say which of them an address was."""
    first: dict[object, str] = {}
    for value, name in used:
        if (other := first.setdefault(value, name)) != name:
            yield f"machines.{name}.{field}: the same as one of {other!r}; it can belong to one machine only"


def _meant(owner: str, inventory: Inventory) -> str:
    close = get_close_matches(owner, inventory.people, 1)
    return f"; did you mean {close[0]!r}?" if close else ""
