from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.command import answer
from tests.peers.collector import collect
from tidegauge.app.capture_metering import meter_into_lake
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.exporting import opener
from tidegauge.metering.probe import meter_capture
from tidegauge.metering.settings import MeterSettings
from tidegauge.store.lake import Lake

NOW = 1_800_000_000_000_000_000
SETTINGS = MeterSettings(idle_timeout_seconds=5)
# Whom the exports came from, and when: that is for the way that they took. A collector of today thinks the
# clock of an old capture wrong, and corrects what was reported.
OF_THE_WAY = {"received", "exporter", "start", "end", "clock_correction", "clock_bound", "clock_method"}


def rows(lake: Path) -> list[dict[str, Any]]:
    found = answer("flows", "--order", "start", "--lake", str(lake))
    return sorted(({key: row[key] for key in row if key not in OF_THE_WAY} for row in found), key=str)


def test_rows_are_those_of_export_and_collection(root: Path, tmp_path: Path) -> None:
    packets = root / "tests/data/packets.pcap"
    with collect(tmp_path / "collected") as port:
        exporter = opener(ExportTarget("ipfix", "127.0.0.1", port), ExportSettings(), SETTINGS)
        meter_capture(packets, [exporter], SETTINGS)
    lake = Lake.create(tmp_path / "lake")
    metered = meter_into_lake(lake, packets, SETTINGS, [], exporter="192.0.2.7", now=NOW)
    assert rows(lake.path) == rows(tmp_path / "collected")
    (exporters,) = answer("top", "exporter", "--lake", str(lake.path))
    assert (exporters["exporter"], exporters["packets"]) == ("192.0.2.7", metered.counters["packets"])
    (found,) = answer("exporters", "--lake", str(lake.path))
    assert found["exporter"] == "192.0.2.7"


def test_nothing_is_committed_without_packets_or_when_a_sink_fails(root: Path, tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    empty = tmp_path / "empty.pcap"
    empty.write_bytes((root / "tests/data/packets.pcap").read_bytes()[:24])
    meter_into_lake(lake, empty, SETTINGS, [], exporter="::", now=NOW)
    nowhere = opener(ExportTarget("ipfix", "collector.invalid", 4739), ExportSettings(), SETTINGS)
    with pytest.raises(OSError, match=r"cannot export to ipfix\+udp://collector\.invalid:4739"):
        meter_into_lake(lake, root / "tests/data/packets.pcap", SETTINGS, [nowhere], exporter="::", now=NOW)
    assert answer("flows", "--lake", str(lake.path)) == []
