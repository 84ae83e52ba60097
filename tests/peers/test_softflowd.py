"""softflowd's export of known packets: what comes out of the lake is what went over the wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import tidegauge
from tests.peers import nfdump
from tests.peers.collector import collect, send
from tests.peers.softflowd import PACKETS, VERSIONS, export, recorded
from tests.peers.totals import packets_by_source, totals_by_source


@pytest.fixture(params=VERSIONS)
def protocol_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_recording_holds_every_packet(protocol_version: str, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    tidegauge("import", "--lake", str(lake), str(recorded(protocol_version)))
    ours = {source: (total.bytes, total.packets) for source, total in totals_by_source(lake).items()}
    assert ours == packets_by_source(PACKETS, has_ipv6=protocol_version != "netflow5")


@pytest.mark.peers
def test_collect_equals_nfdump(protocol_version: str, tmp_path: Path) -> None:
    datagrams = export(protocol_version)
    with nfdump.nfcapd(tmp_path / "nfcapd") as port:
        send(datagrams, port)
    with collect(tmp_path / "lake") as port:
        send(datagrams, port)
    theirs = nfdump.totals_by_source(tmp_path / "nfcapd")
    assert theirs
    assert totals_by_source(tmp_path / "lake") == theirs
