from __future__ import annotations

from pathlib import Path

from tidegauge.metering.settings import MeterSettings


def test_a_meter_does_what_it_is_told(root: Path) -> None:
    counters = []
    for settings in (MeterSettings(), MeterSettings(sampling_interval=10)):
        meter = settings.meter()
        meter.read(str(root / "tests/data/packets.pcap"))
        counters.append(meter.counters())
    whole, sampled = counters
    assert sampled["packets"] == -(-whole["packets"] // 10)
    assert sampled["packets"] + sampled["passed_over"] == whole["packets"]
