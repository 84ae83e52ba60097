from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from tidegauge._core import Decoder
from tidegauge.metering.encoder import Batch
from tidegauge.metering.file_exporter import FileExporter

EXPORT_TIME = 1_767_268_800_000_000_000


def flows(count: int) -> Batch:
    return Batch({"bytes": array("Q", range(count)), "packets": array("Q", [1] * count)})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "flows.ipfix"
    path.write_text("something else")
    with FileExporter(path, observation_domain=9) as exporter:
        for hour in range(3):
            exporter.send(flows(5_000), EXPORT_TIME + hour * 3_600_000_000_000)
    decoder = Decoder()
    assert decoder.read(str(path), "192.0.2.1") == exporter.datagrams
    counters = decoder.counters()
    assert (counters["records"], counters["lost_sequence"]) == (15_000, 0)
    told = [counters[name] - exporter.datagrams for name in ("templates", "option_records")]
    assert told == [2, 2], "nothing twice, but for checksums and counts that grew"
    assert [snapshot.observation_domain for snapshot in decoder.exporters()] == [9]


@pytest.mark.proves("E5")
def test_each_message_tells_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "flows.ipfix"
    with FileExporter(path) as exporter:
        exporter.send(flows(5_000), EXPORT_TIME)
    found = []
    for damage in (0, 1):
        content = bytearray(path.read_bytes())
        content[-1] ^= damage
        path.write_bytes(content)
        decoder = Decoder()
        decoder.read(str(path), "::")
        counters = decoder.counters()
        assert counters["checked_messages"] == exporter.datagrams > 1
        found.append(counters["malformed_bad_checksum"])
    assert found == [0, 1]


def test_whoever_reads_meanwhile_sees_whole_messages(tmp_path: Path) -> None:
    path = tmp_path / "flows.ipfix"
    exporter = FileExporter(path)
    exporter.send(flows(10), EXPORT_TIME)
    decoder = Decoder()
    decoder.read(str(path), "::")
    assert decoder.counters()["records"] == 10
    exporter.abandon()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent/flows.ipfix"):
        FileExporter(tmp_path / "absent" / "flows.ipfix")
