from __future__ import annotations

import socket

from tests.flow_sender import send, wait_until
from tests.numbered_flows import NOON, numbers_in
from tidegauge.app.intake import Intake
from tidegauge.app.statistics import PROTOCOLS, statistics
from tidegauge.flow.counters import MALFORMED
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake


def test_the_shape_of_stats_json(lake: Lake, loopback: ListenAddress) -> None:
    intake = Intake(lake, loopback, "collect-test", NOON)
    intake.start()
    send(intake.listener.address, range(45))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"\x00\x63 no version of ours", intake.listener.address[:2])
    wait_until(
        lambda: len(numbers_in(lake)) == 45 and intake.listener.counters()["malformed_unknown_version"] == 1
    )
    intake.stop()

    found = statistics([intake])
    [exporter] = found.pop("exporters")
    assert found == {
        "schema": 1,
        "datagrams": 2,
        "records": dict.fromkeys(PROTOCOLS, 0) | {"netflow5": 45},
        "option_records": 0,
        "stored": 45,
        "parked": 0,
        "templates": {
            "resumed": 0,
            "changed": 0,
            "withdrawn": 0,
            "expired": 0,
            "evicted": 0,
            "borrowed": 0,
        },
        "evicted_exporters": 0,
        "lost": {
            "kernel": 0,
            "queue": 0,
            "sequence": 0,
            "no_template": 0,
            "malformed": {**dict.fromkeys(MALFORMED, 0), "unknown_version": 1},
            "write": 0,
            "records": 0,
            "records_error": 0,
        },
    }
    assert (exporter["exporter"], exporter["protocol_version"], exporter["templates"]) == (
        "127.0.0.1",
        "netflow5",
        0,
    )
    assert exporter["counters"]["records"] == 45
    assert "stored" not in exporter["counters"]
    assert exporter["last_received"].endswith("Z")


def test_no_listener_is_all_zero() -> None:
    assert statistics([])["datagrams"] == 0
