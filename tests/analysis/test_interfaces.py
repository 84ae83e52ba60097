from __future__ import annotations

import pytest

from tests.sample_lake import NOON, Row, add_segment
from tidegauge.analysis.interfaces import Interface, counted_interfaces, interfaces, joined
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.interface_samples import append, samples_seen
from tidegauge.store.lake import Lake

ROUTER = "192.0.2.1"
PACKED = bytes(10) + b"\xff\xff\xc0\x00\x02\x01"


def told(scope: dict[str, str], received: int = NOON, **other: str) -> Row:
    return {"received": received, "exporter": ROUTER, "scope": elements(scope), "other": elements(other)}


def elements(values: dict[str, str]) -> list[dict[str, str | bytes]]:
    return [{"element": name, "value": value, "raw": b""} for name, value in values.items()]


def names(lake: Lake, *options: Row, until: int = NOON + 10) -> dict[tuple[bytes, int], Interface]:
    add_segment(lake, "options", options)
    with lake.generation() as generation, Engine(generation) as engine:
        return interfaces(engine, until)


def test_the_index_stands_in_the_scope_or_beside_the_name(empty_lake: Lake) -> None:
    """The first as Cisco's IOS XE sends it, the second as a software probe does."""
    found = names(
        empty_lake,
        told(
            {"system": "169952189"},
            ingressInterface="1",
            interfaceName="Te0/0/0",
            interfaceDescription="TenGigabitEthernet0/0/0",
            egressInterface="1",
        ),
        told({"interface": "2"}, samplingInterval="1", interfaceName="eth0"),
    )
    assert found == {
        (PACKED, 1): Interface("Te0/0/0", "TenGigabitEthernet0/0/0"),
        (PACKED, 2): Interface("eth0", ""),
    }


@pytest.mark.parametrize(("until", "name"), [(10, "wan"), (5, "lan"), (-5, "lan")])
def test_the_newest_name_of_its_time_counts_else_the_first_that_came_later(
    empty_lake: Lake, until: int, name: str
) -> None:
    scope = {"ingressInterface": "1"}
    wan, lan = told(scope, NOON + 5, interfaceName="wan"), told(scope, NOON, interfaceName="lan")
    assert names(empty_lake, wan, lan, until=NOON + until)[PACKED, 1].name == name


def test_a_name_without_an_interface_names_none(empty_lake: Lake) -> None:
    assert names(empty_lake, told({"interface": "0"}, interfaceName="any"), told({}, interfaceName="x")) == {}


def counted(received: int, name: str | None, speed: int | None) -> InterfaceSample:
    return InterfaceSample(
        received=received, exporter=PACKED, interface=1, source="snmp", counting_since=NOON, counter_bits=64,
        name=name, speed=speed,
    )  # fmt: skip


def test_interfaces_are_as_they_were_when_the_range_ended(empty_lake: Lake) -> None:
    samples = [counted(NOON, "eth0", 10**9), counted(NOON + 10, "wan", None), counted(NOON + 20, "lan", 10)]
    append(empty_lake, samples, NOON)
    with (
        empty_lake.generation() as generation,
        Engine(generation) as engine,
        samples_seen(engine, empty_lake),
    ):
        assert counted_interfaces(engine, NOON) == {}
        assert counted_interfaces(engine, NOON + 1)[PACKED, 1] == Interface("eth0", "", 10**9)
        assert counted_interfaces(engine, NOON + 20)[PACKED, 1] == Interface("wan", "", 10**9)


def test_what_an_interface_says_of_itself_fills_in_what_was_left_out() -> None:
    one, two, three = (PACKED, 1), (PACKED, 2), (PACKED, 3)
    told = {one: Interface("Gi0", ""), two: Interface("Gi1", "LAN")}
    counted = {one: Interface("ignored", "to the Internet", 10**9), three: Interface("Gi2", "", None)}
    assert joined(told, counted) == {
        one: Interface("Gi0", "to the Internet", 10**9),
        two: Interface("Gi1", "LAN"),
        three: Interface("Gi2", ""),
    }
