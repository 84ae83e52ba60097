from __future__ import annotations

from pathlib import Path

from tidegauge.analysis.link_plan import link_plan
from tidegauge.lab.inventory import inventory_text, owner_of, services_text, write_inventory
from tidegauge.lab.people import MEETING_ROOM_LAPTOP, TABLET, VISITOR_PHONE, person
from tidegauge.names.inventory import inventory_from_text, read_inventory
from tidegauge.names.services import services_from_text
from tidegauge.store.lake import Lake


def test_everybody_is_in_it_with_team_and_laptop() -> None:
    inventory = inventory_from_text(inventory_text())
    assert len(inventory.people) == 50
    john = person("John")
    assert inventory.people["John"].team == john.department
    assert inventory.machine_by_mac[john.laptop.mac] == "john-laptop"
    assert inventory.owner_of("john-laptop") == "John"


def test_made_up_hardware_addresses_are_not_in_it() -> None:
    inventory = inventory_from_text(inventory_text())
    assert person("Omar").phone.mac not in inventory.machine_by_mac
    unknown = (person("Omar").phone, VISITOR_PHONE, MEETING_ROOM_LAPTOP)
    assert [owner_of(device.name) for device in unknown] == [None, None, None]
    assert owner_of(TABLET.name) == "Ravi"


def test_the_office_names_its_own_services() -> None:
    services = services_from_text(services_text())
    assert services.of("file-server.office.internal") == ("File server", "files")
    assert services.of("www.youtube.com") is None


def test_it_is_put_where_the_lake_looks_for_it(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    write_inventory(lake)
    inventory = read_inventory(tmp_path / "lake/names/inventory.toml")
    assert inventory.machines["file-server"].team == "servers"


def test_the_links_say_what_they_can_carry(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    write_inventory(lake)
    assert list(link_plan(lake)) == ["Internet", "Server room"]
