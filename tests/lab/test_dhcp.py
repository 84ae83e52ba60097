from __future__ import annotations

from io import BytesIO

import pytest

from tidegauge.lab.activity import HOUR, SECOND
from tidegauge.lab.address import packed
from tidegauge.lab.dhcp import LEASE, POOL, DhcpServer
from tidegauge.lab.journal import Journal
from tidegauge.lab.people import TABLET, VISITOR_PHONE, Device, person
from tidegauge.names.source import Provenance
from tidegauge.names.sources.dnsmasq_leases import DnsmasqLeases

DANIEL = person("Daniel").laptop
OMAR = person("Omar").phone
MORNING = 1_750_000_000 * SECOND


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def server(journal: Journal) -> DhcpServer:
    return DhcpServer(journal)


def lines(journal: Journal) -> list[str]:
    return [entry.text for entry in journal.entries_until(MORNING + 1000 * HOUR)]


def use(server: DhcpServer, device: Device, at: int) -> bytes:
    return server.address(device, at, at + SECOND)


def test_a_device_gets_what_it_had_yesterday(server: DhcpServer, journal: Journal) -> None:
    assert use(server, DANIEL, MORNING) == DANIEL.ipv4
    assert lines(journal) == [
        "DHCPREQUEST(eth0) 192.168.10.15 3c:2c:30:00:10:05 ",
        "DHCPACK(eth0) 192.168.10.15 3c:2c:30:00:10:05 daniel-laptop",
        "DHCPREPLY(eth0) fd10:0:10::f 00:01:00:01:2f:1c:44:00:3c:2c:30:00:10:05 daniel-laptop",
    ]


def test_a_newcomer_gets_the_lowest_free_one_and_is_told_so_in_four_messages(
    server: DhcpServer, journal: Journal
) -> None:
    assert use(server, VISITOR_PHONE, MORNING) == POOL[0] == packed("192.168.10.10")
    assert [line.split("(")[0] for line in lines(journal)] == [
        "DHCPDISCOVER",
        "DHCPOFFER",
        "DHCPREQUEST",
        "DHCPACK",
    ]


def test_a_device_without_a_name_is_acknowledged_without_one(server: DhcpServer, journal: Journal) -> None:
    use(server, OMAR, MORNING)
    assert lines(journal)[-1] == "DHCPACK(eth0) 192.168.10.136 da:a1:19:5e:1a:07 "


def test_a_lease_is_renewed_when_half_of_it_is_over(server: DhcpServer, journal: Journal) -> None:
    server.address(DANIEL, MORNING, MORNING + 5 * HOUR)
    acknowledged = [
        entry.moment for entry in journal.entries_until(MORNING + 9 * HOUR) if "DHCPACK" in entry.text
    ]
    assert [(moment - acknowledged[0]) // HOUR for moment in acknowledged] == [0, 1, 2, 3, 4]
    assert len(server.leases) == 1
    assert server.leases[0].until > MORNING + 5 * HOUR


def test_an_address_changes_hands_only_after_the_lease_is_over(server: DhcpServer) -> None:
    for address in POOL[:5]:
        server.address(Device("seat", address.hex(), address), MORNING, MORNING + 12 * HOUR)
    use(server, DANIEL, MORNING)
    assert use(server, VISITOR_PHONE, MORNING + LEASE - SECOND) != DANIEL.ipv4
    assert use(server, TABLET, MORNING + LEASE + SECOND) == DANIEL.ipv4
    held = [(lease.device.name, lease.since, lease.until) for lease in server.leases[-3:]]
    assert [name for name, _, _ in held] == ["daniel-laptop", "visitor-phone", "ravi-tablet"]
    assert held[0][2] <= held[2][1]


def test_handovers_are_between_different_devices(server: DhcpServer) -> None:
    newcomer = Device("newcomer", "00:00:00:00:00:01", DANIEL.ipv4)
    for device, hours in ((DANIEL, 0), (DANIEL, 3), (newcomer, 6)):
        use(server, device, MORNING + hours * HOUR)
    assert [(before.device.name, after.device.name) for before, after in server.handovers()] == [
        ("daniel-laptop", "newcomer")
    ]


def test_who_comes_back_too_late_is_refused_and_gets_another(server: DhcpServer, journal: Journal) -> None:
    newcomer = Device("newcomer", "00:00:00:00:00:01", DANIEL.ipv4)
    use(server, newcomer, MORNING)
    lines(journal)
    assert use(server, DANIEL, MORNING + HOUR) == POOL[0]
    assert lines(journal)[:2] == [
        "DHCPREQUEST(eth0) 192.168.10.15 3c:2c:30:00:10:05 ",
        "DHCPNAK(eth0) 192.168.10.15 3c:2c:30:00:10:05 address in use",
    ]


def test_the_lease_file_tells_who_has_what_now(server: DhcpServer) -> None:
    use(server, DANIEL, MORNING)
    use(server, OMAR, MORNING + HOUR)
    assert server.lease_file(MORNING + HOUR).splitlines() == [
        "1750007199 3c:2c:30:00:10:05 192.168.10.15 daniel-laptop *",
        "1750010799 da:a1:19:5e:1a:07 192.168.10.136 * *",
        "duid 00:01:00:01:2f:1c:44:00:00:25:90:00:00:35",
        "1750007199 1 fd10:0:10::f daniel-laptop 00:01:00:01:2f:1c:44:00:3c:2c:30:00:10:05",
    ]
    assert "daniel" not in server.lease_file(MORNING + LEASE)


def test_names_are_read_from_the_lease_file(server: DhcpServer) -> None:
    use(server, DANIEL, MORNING)
    text = server.lease_file(MORNING + HOUR).encode()
    assert DnsmasqLeases().recognises(text)
    told = {
        (it.address, it.name) for it in DnsmasqLeases().bindings(BytesIO(text), Provenance(MORNING + HOUR))
    }
    assert told == {
        (address, name) for address in (DANIEL.ipv4, DANIEL.ipv6) for name in (DANIEL.mac, "daniel-laptop")
    }


def test_running_out_of_addresses_is_said(server: DhcpServer) -> None:
    for number in range(len(POOL)):
        use(server, Device("guest", f"guest {number}"), MORNING)
    with pytest.raises(RuntimeError, match="too many devices"):
        use(server, TABLET, MORNING)
