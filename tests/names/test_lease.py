from __future__ import annotations

from tests.names.told import packed
from tidegauge.flow.binding import Kind
from tidegauge.names.lease import Lease, bindings_of_lease, bindings_of_release

ADDRESS = packed("192.168.10.11")


def test_a_lease_names_card_and_device_with_different_trust() -> None:
    card, device = bindings_of_lease(Lease(ADDRESS, "00:1b:44:11:3a:01", "john-laptop", 10, 20))
    assert (card.kind, card.name, card.since, card.until) == (Kind.MAC, "00:1b:44:11:3a:01", 10, 20)
    assert (device.kind, device.name, device.source) == (Kind.MACHINE, "john-laptop", "dhcp")
    assert card.confidence > device.confidence


def test_a_device_without_a_name_ends_the_name_before() -> None:
    _, device = bindings_of_lease(Lease(ADDRESS, "00:1b:44:11:3a:01", None, 10, 20))
    assert (device.name, device.since, device.until) == ("", 10, 10)


def test_a_release_ends_both() -> None:
    assert [
        (binding.kind, binding.name, binding.since, binding.until)
        for binding in bindings_of_release(ADDRESS, 7)
    ] == [
        (Kind.MAC, "", 7, 7),
        (Kind.MACHINE, "", 7, 7),
    ]
