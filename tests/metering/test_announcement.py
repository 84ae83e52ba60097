from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

from tidegauge._core import Decoder
from tidegauge.metering import announcement
from tidegauge.metering.announcement import Announcement, Counted
from tidegauge.metering.encoder import Batch, Encoder
from tidegauge.metering.settings import MeterSettings

EXPORT_TIME = 1_767_268_800_000_000_000
DOMAIN = 7


def tables(version: str, announcements: Sequence[Announcement]) -> dict[str, Any]:
    """What a collector makes of one flow and what is announced beside it."""
    encoder, decoder = Encoder(version, observation_domain=DOMAIN), Decoder()
    for one in announcements:
        encoder.announce(*one)
    for datagram in encoder.encode(Batch({"bytes": array("Q", [100])}), EXPORT_TIME):
        decoder.feed(datagram, "192.0.2.1", 2055, EXPORT_TIME)
    assert not any(count for name, count in decoder.counters().items() if name.startswith("malformed"))
    return {batch.table: batch for batch in decoder.drain()}


@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
@pytest.mark.parametrize("at_random", [False, True])
def test_a_collector_learns_how_packets_are_sampled(version: str, *, at_random: bool) -> None:
    settings = MeterSettings(sampling_interval=100, samples_at_random=at_random)
    said = announcement.sampling(version, settings, DOMAIN)
    flows = tables(version, [said])["flows"]
    with duckdb.connect() as connection:
        assert connection.from_arrow(flows).project("sampling_interval").fetchall() == [(100,)]


@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
def test_a_collector_learns_names_and_what_was_missed(version: str) -> None:
    said = [
        announcement.interface(version, 2, "eth0"),
        announcement.interface(version, 3, "wlan0"),
        announcement.ignored(version, DOMAIN, 5_000_000_000),
    ]
    options = tables(version, said)["options"]
    with duckdb.connect() as connection:
        rows = str(connection.from_arrow(options).project("* EXCLUDE (received)").fetchall())
    for word in ("eth0", "wlan0", "5000000000"):
        assert word in rows


@pytest.mark.parametrize("version", ["netflow9", "ipfix"])
def test_a_collector_learns_what_was_exported_and_what_was_not(version: str) -> None:
    said = [announcement.exported(version, DOMAIN, 11, 12_000, 130)]
    if version == "ipfix":
        said.append(announcement.not_sent(Counted(2, 3_000_000_000, 4)))
    options = tables(version, said)["options"]
    with duckdb.connect() as connection:
        told = "unnest(list_transform(other, lambda one: one.element || '=' || one.value))"
        found = [row for (row,) in connection.from_arrow(options).project(told).fetchall()]
    expected = [
        "exportedMessageTotalCount=11",
        "exportedFlowRecordTotalCount=130",
        "exportedOctetTotalCount=12000",
    ]
    if version == "ipfix":
        expected += [
            "notSentFlowTotalCount=2",
            "notSentPacketTotalCount=3000000000",
            "notSentOctetTotalCount=4",
        ]
    assert found == expected
