from __future__ import annotations

from tests.sample_lake import NOON, Row, add_segment
from tidegauge.analysis.interfaces import Interface, interfaces
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.lake import Lake

ROUTER = "192.0.2.1"
PACKED = bytes(10) + b"\xff\xff\xc0\x00\x02\x01"


def told(scope: dict[str, str], received: int = NOON, **other: str) -> Row:
    return {"received": received, "exporter": ROUTER, "scope": elements(scope), "other": elements(other)}


def elements(values: dict[str, str]) -> list[dict[str, str | bytes]]:
    return [{"element": name, "value": value, "raw": b""} for name, value in values.items()]


def names(lake: Lake, *options: Row) -> dict[tuple[bytes, int], Interface]:
    add_segment(lake, "options", options)
    with lake.generation() as generation, Engine(generation) as engine:
        return interfaces(engine)


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


def test_the_newest_name_counts(empty_lake: Lake) -> None:
    scope = {"ingressInterface": "1"}
    found = names(
        empty_lake, told(scope, NOON + 5, interfaceName="wan"), told(scope, NOON, interfaceName="lan")
    )
    assert found[PACKED, 1].name == "wan"


def test_a_name_without_an_interface_names_none(empty_lake: Lake) -> None:
    assert names(empty_lake, told({"interface": "0"}, interfaceName="any"), told({}, interfaceName="x")) == {}
