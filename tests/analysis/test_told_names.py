from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_interfaces import elements, told
from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

HOUR = 3600 * SECOND


def flow(at: int = NOON, exporter: str = "192.0.2.1", **other: str) -> Row:
    return {
        "received": at, "start": at, "end": at, "exporter": exporter, "in_interface": 3, "out_interface": 4,
        "protocol": 6, "bytes": 1, "packets": 1, "src_addr": "10.0.0.1", "dst_addr": "10.0.0.2",
        "other": elements(other),
    }  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    flows = [
        flow(ingressVRFID="7", egressVRFID="8"),
        flow(NOON + 3 * HOUR, ingressVRFID="7"),
        flow(exporter="192.0.2.2", VRFname="blue"),
    ]
    return make_lake(tmp_path / "lake", flows)


def by(lake: Lake, field: str, words: str = "") -> dict[object, int]:
    answer = top(lake, Query(by=(field,), metrics=("flows",), filter=words), NOON + 10 * HOUR)
    return {row[field]: row["flows"] for row in answer.data}


@pytest.mark.proves("E13")
def test_an_interface_is_called_what_its_own_exporter_called_it_then(lake: Lake) -> None:
    scope = {"ingressInterface": "3"}
    lan = told(scope, NOON + HOUR, interfaceName="lan", interfaceDescription="GigabitEthernet0/3")
    add_segment(lake, "options", [lan, told(scope, NOON + 2 * HOUR, interfaceName="wan")])
    assert by(lake, "in_interface_name") == {"lan": 1, "wan": 1, "3": 1}
    assert by(lake, "out_interface_name") == {"4": 3}, "nobody named it"
    assert by(lake, "in_interface_name", "interface_name wan") == {"wan": 1}


def test_an_interface_without_a_name_goes_by_its_description(lake: Lake) -> None:
    add_segment(lake, "options", [told({"interface": "3"}, interfaceName="", interfaceDescription="uplink")])
    assert by(lake, "in_interface_name") == {"uplink": 2, "3": 1}


@pytest.mark.proves("E13")
def test_a_routing_instance_is_called_as_its_table_says_or_the_record_itself(lake: Lake) -> None:
    table = [
        told({"system": "0"}, ingressVRFID="7", VRFname="red"),
        told({"ingressVRFID": "7"}, NOON + 2 * HOUR, VRFname="green"),
        told({"egressVRFID": "9"}, VRFname="nobody's"),
    ]
    add_segment(lake, "options", table)
    assert by(lake, "in_vrf") == {"red": 1, "green": 1, "blue": 1}
    assert by(lake, "out_vrf") == {"8": 1, None: 2}, "a number where it was not named"
    assert by(lake, "in_vrf", "vrf red") == {"red": 1}


def test_a_table_sent_again_and_again_multiplies_nothing(lake: Lake) -> None:
    rows = [told({"interface": "3"}, NOON + at * SECOND, interfaceName="lan") for at in range(0, 5400, 60)]
    add_segment(lake, "options", rows)
    assert by(lake, "in_interface_name")["lan"] == 2


@pytest.mark.proves("E19")
def test_who_metered_a_flow_is_told_by_who_passes_it_on(tmp_path: Path) -> None:
    flows = [
        flow(originalExporterIPv4Address="198.51.100.1"),
        flow(exporterIPv6Address="2001:db8::1"),
        flow(),
    ]
    lake = make_lake(tmp_path / "other", flows)
    assert by(lake, "original_exporter") == {"198.51.100.1": 1, "2001:db8::1": 1, None: 1}
