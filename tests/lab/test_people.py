from __future__ import annotations

import pytest

from tidegauge.lab.address import packed
from tidegauge.lab.people import MEETING_ROOM_LAPTOP, PEOPLE, person


def test_fifty_people_work_here() -> None:
    assert len({person.name for person in PEOPLE}) == 50
    assert {"John", "Sarah", "Alex"} <= {person.name for person in PEOPLE}


def test_no_two_devices_share_an_address() -> None:
    devices = [MEETING_ROOM_LAPTOP]
    devices += [device for person in PEOPLE for device in (person.laptop, person.phone)]
    addresses = {address for device in devices for address in (device.ipv4, device.ipv6)}
    assert len(addresses) == 2 * len(devices)


def test_everybody_sits_in_the_office_network() -> None:
    for employee in PEOPLE:
        for device in (employee.laptop, employee.phone):
            assert device.ipv4.startswith(packed("192.168.10.0")[:15])
            assert device.ipv6
            assert device.ipv6.startswith(packed("fd10:0:10::")[:8])


def test_a_stranger_is_not_found() -> None:
    with pytest.raises(KeyError, match="Nobody"):
        person("Nobody")
