"""The office's inventory, as its keeper wrote it down: people, their teams, what is whose, and its links.

Phones that make up their hardware address are not in it; nobody could have written them down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.addresses import text_from_address
from tidegauge.lab.people import MEETING_ROOM_LAPTOP, PEOPLE, SERVERS, TABLET
from tidegauge.lab.router import EDGE1, EDGE2, OUTSIDE
from tidegauge.lab.sites import SERVICES
from tidegauge.names.mac import is_randomised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.lab.people import Device
    from tidegauge.store.lake import Lake

HOME = ("192.168.0.0/16", "fd10::/32")


def inventory_text() -> str:
    """Return the text of ``inventory.toml``."""
    home = ", ".join(f'"{network}"' for network in HOME)
    people = [f'{person.name} = {{ team = "{person.department}" }}' for person in PEOPLE]
    lines = [f"home = [{home}]", "", "[people]", *people, "", "[machines]", *_owned(), *_unowned()]
    return "\n".join([*lines, ""])


def write_inventory(lake: Lake) -> None:
    """Put the inventory, and what the office calls its own servers, where the lake looks for them."""
    folder = lake.path / "names"
    folder.mkdir(exist_ok=True)
    (folder / "inventory.toml").write_text(inventory_text())
    (folder / "services.toml").write_text(services_text())
    (lake.path / "links.toml").write_text(links_text())


def links_text() -> str:
    """Return the text of ``links.toml``: what the office pays for, and the cable to its server room."""
    links = (("Internet", EDGE1, "100M", "40M"), ("Server room", EDGE2, "1G", "1G"))
    return "\n".join(
        f'["{name}"]\nexporter = "{router.address}"\ninterface = {OUTSIDE}\n'
        f'capacity_in = "{down}"\ncapacity_out = "{up}"\n'
        for name, router, down, up in links
    )


def services_text() -> str:
    """Return the text of ``services.toml``: the services that the office runs itself."""
    return "\n".join(
        f'["{service.called}"]\ncategory = "{service.category}"\nsites = ["{service.hosts[0].name}"]\n'
        for service in SERVICES.values()
        if service.hosts and service.hosts[0].is_local
    )


def owner_of(device: str) -> str | None:
    """Return who the inventory says a device belongs to, by the device's name."""
    return _OWNERS.get(device)


def _owners() -> Iterator[tuple[Device, str]]:
    for person in PEOPLE:
        yield person.laptop, person.name
        if not is_randomised(person.phone.mac):
            yield person.phone, person.name
    yield TABLET, "Ravi"


_OWNERS = {device.name: owner for device, owner in _owners()}


def _owned() -> Iterator[str]:
    for device, owner in _owners():
        yield f'{device.name} = {{ owner = "{owner}", macs = ["{device.mac}"] }}'


def _unowned() -> Iterator[str]:
    yield f'{MEETING_ROOM_LAPTOP.name} = {{ macs = ["{MEETING_ROOM_LAPTOP.mac}"] }}'
    for server in SERVERS:
        addresses = ", ".join(f'"{text_from_address(it)}"' for it in (server.ipv4, server.ipv6) if it)
        yield f'{server.name} = {{ team = "servers", addresses = [{addresses}] }}'
