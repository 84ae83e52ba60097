from __future__ import annotations

import pytest

from tidegauge.lab.address import packed
from tidegauge.lab.people import (
    GUARD_PHONE,
    MEETING_ROOM_LAPTOP,
    PEOPLE,
    SERVERS,
    TABLET,
    VISITOR_PHONE,
    person,
)
from tidegauge.names.mac import is_randomised


def test_fifty_people_work_here() -> None:
    assert len({person.name for person in PEOPLE}) == 50
    assert {"John", "Sarah", "Alex"} <= {person.name for person in PEOPLE}


def test_no_two_devices_share_an_address() -> None:
    devices = [MEETING_ROOM_LAPTOP, TABLET, VISITOR_PHONE, GUARD_PHONE, *SERVERS]
    devices += [device for person in PEOPLE for device in (person.laptop, person.phone)]
    own = [address for device in devices for address in (device.ipv4, device.ipv6, device.mac) if address]
    assert len(own) == len(set(own))


def test_everybody_sits_in_the_office_network() -> None:
    for employee in PEOPLE:
        for device in (employee.laptop, employee.phone):
            assert device.is_lent
            assert device.ipv4
            assert device.ipv4.startswith(packed("192.168.10.0")[:15])
            assert device.ipv6 is None or device.ipv6.startswith(packed("fd10:0:10::")[:8])


def test_some_phones_make_up_their_hardware_address() -> None:
    made_up = {employee.name: employee.phone for employee in PEOPLE if is_randomised(employee.phone.mac)}
    assert set(made_up) == {"Emma", "Mia", "Leon", "Omar", "Chloe"}
    assert made_up["Emma"].host_name == "Emmas-iPhone"
    assert made_up["Omar"].host_name == ""
    assert all(phone.ipv6 is None for phone in made_up.values())


def test_one_browser_hides_the_names_it_asks_for() -> None:
    assert [employee.name for employee in PEOPLE if employee.laptop.hides_names] == ["Elena"]


def test_a_stranger_is_not_found() -> None:
    with pytest.raises(KeyError, match="Nobody"):
        person("Nobody")
