"""softflowd's export of known packets: what comes out of the lake is what went over the wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, known_templates
from tests.command import tidegauge
from tests.flow_sender import wait_until
from tests.peers import nfdump
from tests.peers.collector import collect, send
from tests.peers.softflowd import PACKETS, VERSIONS, export, recorded
from tests.peers.totals import packets_by_source, totals_by_source
from tidegauge._core import Decoder


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


def records_of(datagrams: list[bytes]) -> int:
    """Flow records in datagrams of one session."""
    decoder = Decoder()
    for datagram in datagrams:
        decoder.feed(datagram, "192.0.2.1", 2055, 0)
    return decoder.counters()["records"]


def stored(lake: Path) -> int:
    return sum(total.flows for total in totals_by_source(lake).values())


@pytest.mark.peers
@pytest.mark.proves("D24", "H19")
@pytest.mark.parametrize("protocol_version", ["netflow9", "ipfix"], indirect=True)
def test_a_killed_collector_costs_softflowd_no_flow_of_the_next(
    protocol_version: str, tmp_path: Path
) -> None:
    """What it sends until it repeats its templates is read with those that it sent before."""
    lake = tmp_path / "lake"
    first_datagram, *others = datagrams = export(protocol_version)
    assert records_of(others) == 0, "the templates are in the first one"
    with Daemon(lake) as first:
        send(datagrams, first.address.port)
        wait_until(lambda: known_templates(lake, first.address) > 0)
        wait_until(lambda: stored(lake) == records_of(datagrams))
        first.kill()
    with Daemon(lake, first.address.port) as second:
        send(others, second.address.port)
        statistics = second.stop()
    assert (statistics["parked"], statistics["lost"]["no_template"]) == (0, 0)
    owed = records_of(datagrams) - records_of([first_datagram])
    assert statistics["stored"] == owed > 0
    assert stored(lake) == records_of(datagrams) + owed
