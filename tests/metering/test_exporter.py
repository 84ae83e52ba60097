from __future__ import annotations

from array import array

import pytest

from tidegauge._core import Decoder
from tidegauge.metering.encoder import Batch, Encoder
from tidegauge.metering.exporter import Exporter
from tidegauge.metering.settings import MeterSettings

EXPORT_TIME = 1_767_268_800_000_000_000


class EndedError(Exception):
    """Something went wrong inside the block."""


class Kept(Exporter):
    """An exporter whose datagrams stay here."""

    def __init__(self) -> None:
        super().__init__(Encoder("ipfix"), "ipfix", 0)
        self.decoder = Decoder()
        self.end = ""

    def send(self, batch: Batch, export_time: int) -> None:
        for datagram in self.encode(batch, export_time):
            self.decoder.feed(datagram, "127.0.0.1", 1, export_time)

    def close(self) -> None:
        self.end = "closed"

    def abandon(self) -> None:
        self.end = "abandoned"


def test_what_is_announced_goes_out_beside_the_flows() -> None:
    with Kept() as exporter:
        exporter.announce_sampling(MeterSettings(sampling_interval=1))
        exporter.announce_sampling(MeterSettings(sampling_interval=10))
        exporter.announce_interface(3, "eth0")
        exporter.announce_ignored(17)
        exporter.send(Batch({"bytes": array("Q", [1])}), EXPORT_TIME)
    assert exporter.decoder.counters()["option_records"] == 3
    assert exporter.decoder.exporters()[0].sampling_interval == 10
    assert exporter.end == "closed"


def test_packets_missed_between_two_exports_are_in_the_collectors_ledger_at_once() -> None:
    with Kept() as exporter:
        for second, missed in enumerate([1000, 1000, 1017, 1017]):
            exporter.announce_ignored(missed)
            exporter.send(Batch({"bytes": array("Q", [1])}), EXPORT_TIME + second * 1_000_000_000)
    counters = exporter.decoder.counters()
    assert counters["told_ignored_packets"] == 17
    # With the templates, and as it grew; with that one also how much was exported.
    assert counters["option_records"] == 3


def test_how_much_was_exported_goes_out_too() -> None:
    with Kept() as exporter:
        for minute in range(3):
            exporter.send(Batch({"bytes": array("Q", [1, 2])}), EXPORT_TIME + minute * 60_000_000_000)
        assert (exporter.datagrams, exporter.flows) == (3, 6)
        assert exporter.octets == exporter.decoder.counters()["datagram_bytes"]
    assert exporter.decoder.counters()["option_records"] == 2
    assert exporter.decoder.counters()["told_exported_flows"] == 2, "from the first total to the last"


def test_a_block_that_failed_is_not_waited_for() -> None:
    exporter = Kept()
    with pytest.raises(EndedError), exporter:
        raise EndedError
    assert exporter.end == "abandoned"
