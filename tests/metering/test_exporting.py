from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tidegauge.metering.datagram_exporter import DatagramExporter
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import target_from_text
from tidegauge.metering.exporter import Exporter
from tidegauge.metering.exporting import open_exporter, opener
from tidegauge.metering.file_exporter import FileExporter
from tidegauge.metering.settings import MeterSettings
from tidegauge.metering.stream_exporter import StreamExporter

SETTINGS = ExportSettings()


@pytest.mark.parametrize("scheme", ["netflow5+udp", "netflow9+udp", "ipfix+udp", "ipfix+tcp", "ipfix+tls"])
def test_each_transport_has_its_exporter(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = target_from_text(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}")
        exporter = open_exporter(target, SETTINGS, boot_time=0, is_patient=True)
        assert isinstance(exporter, DatagramExporter if scheme.endswith("udp") else StreamExporter)
        exporter.abandon()


def test_a_file_has_one_too_and_is_told_how_packets_are_sampled(tmp_path: Path) -> None:
    target = target_from_text(f"ipfix+file:{tmp_path}/flows.ipfix")
    with opener(target, SETTINGS, MeterSettings(sampling_interval=9))(0) as exporter:
        assert isinstance(exporter, FileExporter)
        assert isinstance(exporter, Exporter)
    assert (tmp_path / "flows.ipfix").exists()
