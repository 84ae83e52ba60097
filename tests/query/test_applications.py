from __future__ import annotations

from tests.query.test_lookups import NOON, by, flow, packed

CLIENT, SERVER, ROUTER = "192.168.10.17", "142.250.185.78", "192.0.2.1"


def test_a_name_holds_for_its_exporter_and_its_time() -> None:
    flows = [
        flow(CLIENT, SERVER, at, exporter=exporter, application="13:512", protocol=6)
        for at, exporter in ((NOON - 1, ROUTER), (NOON, ROUTER), (NOON, "192.0.2.2"))
    ]
    told = [("name", packed(ROUTER), "13:512", NOON, 2 * NOON, "zoom", "exporter")]
    assert by("application", flows, applications=told) == {"zoom": 100, "13:512": 200}


def test_a_registered_name_belongs_to_a_port_of_one_transport() -> None:
    flows = [flow(CLIENT, SERVER, application="3:514", protocol=protocol) for protocol in (6, 17)]
    registered = [("3:514", 17, "syslog")]
    assert by("application", flows, registered_applications=registered) == {"3:514": 100, "syslog": 100}
