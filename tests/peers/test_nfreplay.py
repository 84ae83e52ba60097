"""What nfcapd collected and nfreplay sends on, as real offices do between two collectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow_sender import wait_until
from tests.peers import nfdump
from tests.peers.collector import collect, send
from tests.peers.exports import datagrams_in
from tests.peers.softflowd import PACKETS, recorded
from tests.peers.totals import packets_by_source, totals_by_source

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("protocol_version", ["netflow5", "netflow9"])
def test_replayed_flows_equal_nfdump_and_the_wire(protocol_version: str, tmp_path: Path) -> None:
    kept, lake = tmp_path / "nfcapd", tmp_path / "lake"
    with nfdump.nfcapd(kept) as port:
        send(datagrams_in(recorded(protocol_version)), port)
    wire = packets_by_source(PACKETS, has_ipv6=protocol_version != "netflow5")
    with collect(lake) as port:
        nfdump.replay(kept, port, protocol_version.removeprefix("netflow"))
        wait_until(lambda: set(totals_by_source(lake)) == set(wire))
    ours = totals_by_source(lake)
    assert {source: (total.bytes, total.packets) for source, total in ours.items()} == wire
    assert ours == nfdump.totals_by_source(kept)
