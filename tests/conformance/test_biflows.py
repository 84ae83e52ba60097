"""Both directions of a conversation in one record: every answer as if they had come in two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.command import answer
from tests.packet_trace import write_trace
from tidegauge._core import Batch, Decoder
from tidegauge.app.capture_metering import meter_into_lake
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import FileTarget
from tidegauge.metering.exporting import opener
from tidegauge.metering.probe import SLICE_PACKETS
from tidegauge.metering.settings import MeterSettings
from tidegauge.store.lake import Lake

NOW = 1_800_000_000_000_000_000
UNIFLOWS = MeterSettings(active_timeout_seconds=20, idle_timeout_seconds=5)
BIFLOWS = UNIFLOWS._replace(biflows=True)
OF_THE_WAY = "received, exporter, observation_domain, protocol_version, template_id, other"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of one direction each, one of both, and a file of the latter."""
    folder = tmp_path_factory.mktemp("biflows")
    trace = write_trace(folder / "trace.pcap", 6_000, 700, seed=5)
    file = opener(FileTarget(folder / "flows.ipfix"), ExportSettings(), BIFLOWS)
    for name, settings, sinks in (("uniflows", UNIFLOWS, []), ("biflows", BIFLOWS, [file])):
        meter_into_lake(
            Lake.create(folder / name), trace.path, settings, sinks, exporter="192.0.2.7", now=NOW
        )
    return folder


def test_records_are_fewer_by_the_conversations(folder: Path) -> None:
    [one_way], [both_ways] = (
        answer("top", "exporter", "--lake", str(folder / name)) for name in ("uniflows", "biflows")
    )
    assert [both_ways[name] for name in ("packets", "bytes")] == [
        one_way[name] for name in ("packets", "bytes")
    ]
    assert one_way["flows"] / 2 <= both_ways["flows"] < 0.6 * one_way["flows"]


@pytest.mark.parametrize(
    "question",
    [
        ("top", "src_addr,protocol"),
        ("top", "dst_port", "proto", "tcp"),
        ("top", "src_addr", "dst", "port", "443"),
        ("conversations",),
    ],
)
def test_answers_are_those_of_each_direction_by_itself(folder: Path, question: Sequence[str]) -> None:
    one_way, both_ways = (
        [
            {name: value for name, value in row.items() if name not in OF_RECORDS}
            for row in answer(*question[:2], "--lake", str(folder / name), *question[2:])
        ]
        for name in ("uniflows", "biflows")
    )
    assert len(one_way) > 1
    assert sorted(map(repr, both_ways)) == sorted(map(repr, one_way))


OF_RECORDS = {"flows", "share"}
"""What counts records, which are fewer."""


def test_the_file_brings_every_column_back(folder: Path) -> None:
    meter = BIFLOWS.meter()
    batches: list[Batch] = []
    while meter.read(str(folder / "trace.pcap"), SLICE_PACKETS):
        batches += meter.drain()
    decoder = Decoder()
    while decoder.read(str(folder / "flows.ipfix"), "::"):
        pass
    metered = rows(batches + meter.drain(everything=True))
    assert rows(decoder.close()) == metered
    assert len(metered) > 500


def rows(batches: Sequence[Batch]) -> list[tuple[Any, ...]]:
    columns = f'* EXCLUDE ({OF_THE_WAY}, start, "end"), epoch_ns(start), epoch_ns("end")'
    with duckdb.connect() as connection:
        flows = [
            connection.from_arrow(batch).project(columns).fetchall()
            for batch in batches
            if batch.table == "flows"
        ]
    return sorted((row for batch in flows for row in batch), key=repr)
