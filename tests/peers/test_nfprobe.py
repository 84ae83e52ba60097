"""pmacctd's export of known packets, live into the real collector."""

from __future__ import annotations

from pathlib import Path

import pytest

import tidegauge
from tests.flow_sender import wait_until
from tests.peers.collector import collect
from tests.peers.nfprobe import export
from tests.peers.softflowd import PACKETS, VERSIONS
from tests.peers.totals import packets_by_source, totals_by_source

pytestmark = pytest.mark.peers

DOMAIN = {"netflow5": 0x0107, "netflow9": 7, "ipfix": 7}


@pytest.mark.parametrize("protocol_version", VERSIONS)
def test_live_export_equals_the_wire(protocol_version: str, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    wire = packets_by_source(PACKETS, has_ipv6=protocol_version != "netflow5")
    with collect(lake) as port:
        export(protocol_version, port, tmp_path)
        wait_until(lambda: set(totals_by_source(lake)) == set(wire))
    ours = totals_by_source(lake)
    assert {source: (total.bytes, total.packets) for source, total in ours.items()} == wire
    (row,) = tidegauge.open(lake).exporters().rows
    assert (row["protocol_version"], row["observation_domain"]) == (
        protocol_version,
        DOMAIN[protocol_version],
    )
    assert (row["lost_sequence"], row["malformed"], row["sampling_interval"]) == (0, 0, None)


def test_sampling_is_announced(tmp_path: Path) -> None:
    """In options data, for the sampler that each flow names."""
    lake = tmp_path / "lake"
    with collect(lake) as port:
        export("netflow9", port, tmp_path, "sampling_rate: 4")
        wait_until(lambda: bool(totals_by_source(lake)))
    (row,) = tidegauge.open(lake).exporters().rows
    assert (row["sampling_interval"], row["sampling_source"]) == (4, "options")
    assert {flow["sampling_interval"] for flow in tidegauge.open(lake).flows(limit=0).rows} == {4}
