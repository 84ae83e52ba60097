from __future__ import annotations

from pathlib import Path

import pytest

from tests.names.told import packed
from tidegauge.flow.addresses import network_from_text
from tidegauge.names.inventory import Inventory, InventoryError, inventory_from_text, read_inventory

OFFICE = r"""
home = ["192.168.0.0/16", "fd10::/16"]

[people]
John = { team = "sales", accounts = ["jdoe", 'OFFICE\john'] }
"Sarah Miller" = { team = "management" }

[machines]
john-laptop = { owner = "John", macs = ["00-1B-44-11-3A-01"], host_names = ["Johns-MacBook"] }
printer = { team = "it", addresses = ["192.168.20.20"] }

[networks]
servers = ["192.168.20.0/24", "fd10:0:20::/48"]
"""


@pytest.fixture
def office() -> Inventory:
    return inventory_from_text(OFFICE)


def test_machines_are_known_by_card_address_and_their_own_name(office: Inventory) -> None:
    assert office.machine_by_mac == {"00:1b:44:11:3a:01": "john-laptop"}
    assert office.machine_by_address == {packed("192.168.20.20"): "printer"}
    assert office.machine_calling_itself("johns-macbook.office.example") == "john-laptop"
    assert office.machine_calling_itself("john-laptop") is None


@pytest.mark.parametrize(
    "login", ["jdoe", "JDOE", "jdoe@office.example", r"ELSEWHERE\jdoe", r"office\john", "john"]
)
def test_people_are_known_by_their_logins(office: Inventory, login: str) -> None:
    assert office.person_logging_in_as(login) == "John"


def test_nobody_else_is(office: Inventory) -> None:
    assert office.person_logging_in_as("emma") is None


def test_a_person_has_a_team_and_so_has_a_machine_without_one(office: Inventory) -> None:
    assert office.team_of("John", "printer") == "sales"
    assert office.team_of(None, "printer") == "it"
    assert office.team_of("Guest", None) is None


def test_networks(office: Inventory) -> None:
    assert office.home_networks == (network_from_text("192.168.0.0/16"), network_from_text("fd10::/16"))
    assert [(name, str(network)) for name, network in office.named_networks] == [
        ("servers", "192.168.20.0/24"),
        ("servers", "fd10:0:20::/48"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[people", "at end of document"),
        ("homes = []", "unknown field `homes`"),
        ('[people]\nJohn = { teem = "sales" }', "people.John: Object contains unknown field `teem`"),
        (
            '[machines]\npc = { macs = "00:1b:44:11:3a:01" }',
            "machines.pc: Expected `array`, got `str` - at `$.macs`",
        ),
        (
            '[people]\nJohn = {}\n[machines]\npc = { owner = "Jon" }',
            "machines.pc.owner:  … 'Jon'; did you mean 'John'",
        ),
        ('[machines]\npc = { macs = ["nonsense"] }', "machines.pc.macs: 'nonsense' is no hardware address"),
        (
            '[machines]\npc = { addresses = ["10.0.0.0/8"] }',
            "machines.pc.addresses: '10.0.0.0/8' is no IP address",
        ),
        (
            '[machines]\na = { macs = ["00:1b:44:11:3a:01"] }\nb = { macs = ["001b.4411.3a01"] }',
            "machines.b.macs: the same as one of 'a'",
        ),
        ('home = ["10.0.0.0/33"]', "home: '10.0.0.0/33' is no network"),
        ('[networks]\nx = ["y"]', "networks.x: 'y' is no network"),
        ("people = 3", "Expected `object`, got `int` - at `$.people`"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InventoryError) as raised:
        inventory_from_text(text)
    assert all(part in str(raised.value) for part in place.split(" … "))


def test_no_file_is_an_empty_inventory(tmp_path: Path) -> None:
    assert read_inventory(tmp_path / "inventory.toml") == Inventory()


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "inventory.toml"
    path.write_text("x = 1")
    with pytest.raises(InventoryError, match=r"inventory\.toml: .*`x`"):
        read_inventory(path)
    path.write_bytes(b"\xff")
    with pytest.raises(InventoryError, match=r"inventory\.toml"):
        read_inventory(path)
