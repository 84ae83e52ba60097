"""Open vSwitch exports what it forwards, as NetFlow v5 and as IPFIX, to nfcapd and to us at once."""

from __future__ import annotations

from pathlib import Path

import pytest

import tidegauge
from tests.flow_sender import wait_until
from tests.peers import nfdump
from tests.peers.collector import collect
from tests.peers.openvswitch import switch
from tests.peers.recipes import arguments, recipe
from tests.peers.talk import BYTES, PACKETS, PORT, talk
from tests.peers.totals import totals_by_source

pytestmark = pytest.mark.peers

ETHERNET_HEADER_BYTES = 14
DOMAIN = 7
TEMPLATES = 88
TALK = f"udp and dst_port {PORT}"


def netflow(ports: list[int]) -> list[str]:
    """The line of our page, with flows each second."""
    changes = {'"192.0.2.50:2055"': targets(ports), "br0": "bridge", "active_timeout=60": "active_timeout=1"}
    return arguments(recipe("open-vswitch", "create NetFlow", changes), "ovs-vsctl")


def ipfix(ports: list[int], *settings: str) -> list[str]:
    """The line of our page, with flows each second, and more settings."""
    changes = {'"192.0.2.50:2055"': targets(ports), "br0": "bridge"}
    changes["cache_active_timeout=60"] = " ".join(["cache_active_timeout=1", *settings])
    return arguments(recipe("open-vswitch", "create IPFIX", changes), "ovs-vsctl")


def targets(ports: list[int]) -> str:
    return ",".join(f'"127.0.0.1:{port}"' for port in ports)


def stored(lake: Path, duplicates: str = "once") -> tuple[int, int]:
    """Packets and bytes of the talk by now."""
    found = tidegauge.open(lake).top("dst_port", filter=TALK, duplicates=duplicates).rows
    return (found[0]["packets"], found[0]["bytes"]) if found else (0, 0)


def test_netflow_equals_nfdump(tmp_path: Path) -> None:
    """Open vSwitch counts the Ethernet header among the bytes of a flow."""
    lake, theirs = tmp_path / "lake", tmp_path / "nfcapd"
    with (
        switch(tmp_path / "switch") as running,
        nfdump.nfcapd(theirs, running.here) as their_port,
        collect(lake, running.here) as our_port,
    ):
        running.configure(*netflow([their_port, our_port]))
        talk(running.hosts[0], running.addresses[1])
        wait_until(lambda: stored(lake)[0] == PACKETS)
    assert stored(lake) == (PACKETS, BYTES + ETHERNET_HEADER_BYTES * PACKETS)
    assert (
        totals_by_source(lake)[running.addresses[0]] == nfdump.totals_by_source(theirs)[running.addresses[0]]
    )
    assert {row["observation_domain"] for row in tidegauge.open(lake).exporters().rows} == {DOMAIN}


@pytest.mark.proves("H13")
def test_ipfix_tells_of_each_packet_where_it_comes_in_and_where_it_leaves(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with switch(tmp_path / "switch") as running, collect(lake, running.here) as port:
        running.configure(*ipfix([port]))
        talk(running.hosts[0], running.addresses[1])
        wait_until(lambda: stored(lake, "all")[0] == 2 * PACKETS)
    assert stored(lake, "all") == (2 * PACKETS, 2 * BYTES)
    assert stored(lake) == (PACKETS, BYTES)
    rows = tidegauge.open(lake).exporters().rows
    (row,) = [row for row in rows if row["observation_domain"] == DOMAIN]
    assert row["templates"] == TEMPLATES
    assert (row["lost_no_template"], row["malformed"], row["lost_sequence"]) == (0, 0, 0)


def test_ipfix_without_output_sampling_tells_once(tmp_path: Path) -> None:
    """The setting means the opposite of its name, and of what the manual of Open vSwitch says."""
    lake = tmp_path / "lake"
    with switch(tmp_path / "switch") as running, collect(lake, running.here) as port:
        running.configure(*ipfix([port], "other_config:enable-output-sampling=true"))
        talk(running.hosts[0], running.addresses[1])
        wait_until(lambda: stored(lake, "all")[0] == PACKETS)
    assert stored(lake, "all") == (PACKETS, BYTES)
