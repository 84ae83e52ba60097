from __future__ import annotations

import pytest

from tests.names.told import packed
from tidegauge.flow.binding import Kind
from tidegauge.names.told_answer import binding_of_record

SECOND = 1_000_000_000
HOUR = 3600
ASKED = 1_700_000_000
TOLD = {
    "destinationIPv4Address": bytes([10, 0, 0, 1]),
    "sourceIPv4Address": bytes([10, 0, 0, 53]),
    "observationTimeMilliseconds": (ASKED * 1000).to_bytes(8),
    "tidegaugeDnsName": b"www.example.org",
    "tidegaugeDnsIPv4Address": bytes([192, 0, 2, 1]),
    "tidegaugeDnsTtl": (2 * HOUR).to_bytes(4),
}


def test_an_answer_names_the_address_for_the_client_that_asked() -> None:
    binding = binding_of_record(TOLD)
    assert binding is not None
    assert (binding.kind, binding.name, binding.source) == (Kind.SITE, "www.example.org", "dns")
    assert (binding.client, binding.address) == (packed("10.0.0.1"), packed("192.0.2.1"))
    assert (binding.since, binding.until) == (ASKED * SECOND, (ASKED + 2 * HOUR) * SECOND)


def test_names_are_padded_in_v9() -> None:
    padded = TOLD | {"tidegaugeDnsName": TOLD["tidegaugeDnsName"] + bytes(17)}
    assert binding_of_record(padded) == binding_of_record(TOLD)


def test_both_families_mix() -> None:
    address = packed("2001:db8::1")
    mixed = {name: raw for name, raw in TOLD.items() if name != "tidegaugeDnsIPv4Address"}
    binding = binding_of_record(mixed | {"tidegaugeDnsIPv6Address": address})
    assert binding is not None
    assert (binding.client, binding.address) == (packed("10.0.0.1"), address)


def test_times_are_moved_with_those_of_the_flows() -> None:
    plain, moved = binding_of_record(TOLD), binding_of_record(TOLD, shift=SECOND)
    assert plain is not None
    assert moved is not None
    assert moved.since - plain.since == SECOND


@pytest.mark.parametrize(
    "missing",
    ["destinationIPv4Address", "observationTimeMilliseconds", "tidegaugeDnsName", "tidegaugeDnsIPv4Address"],
)
def test_a_record_that_lacks_something_names_nothing(missing: str) -> None:
    assert binding_of_record({name: raw for name, raw in TOLD.items() if name != missing}) is None


@pytest.mark.parametrize(
    ("element", "raw"),
    [
        ("tidegaugeDnsName", b"two words"),
        ("tidegaugeDnsName", b"\xff"),
        ("tidegaugeDnsIPv4Address", bytes(4)),
    ],
)
def test_what_is_no_name_or_address_names_nothing(element: str, raw: bytes) -> None:
    assert binding_of_record(TOLD | {element: raw}) is None


def test_a_time_beyond_all_times_fits_the_lake() -> None:
    binding = binding_of_record(TOLD | {"observationTimeMilliseconds": b"\xff" * 8})
    assert binding is not None
    assert binding.until is not None
    assert binding.until < 2**63
