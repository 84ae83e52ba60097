from __future__ import annotations

from tests.analysis.test_interfaces import elements
from tests.query.test_lookups import NOON, by, flow, packed
from tidegauge.query.told_names import INTERFACE, VRF

CLIENT, SERVER, ROUTER = "192.168.10.17", "142.250.185.78", "192.0.2.1"


def test_a_number_is_called_what_its_own_exporter_calls_it_then_and_each_kind_apart() -> None:
    flows = [
        flow(CLIENT, SERVER, at, exporter=exporter, in_interface=3, other=elements({"ingressVRFID": "3"}))
        for at, exporter in ((NOON - 1, ROUTER), (NOON, ROUTER), (NOON, "192.0.2.2"))
    ]
    told = [
        (kind, packed(ROUTER), "3", NOON, 2 * NOON, name, "exporter")
        for kind, name in ((INTERFACE, "wan"), (VRF, "red"))
    ]
    assert by("in_interface_name", flows, told_names=told) == {"wan": 100, "3": 200}
    assert by("in_vrf", flows, told_names=told) == {"red": 100, "3": 200}
    assert by("out_interface_name", flows, told_names=told) == {None: 300}
