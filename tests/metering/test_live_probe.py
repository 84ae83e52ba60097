from __future__ import annotations

import pytest

from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.live_probe import LiveProbe
from tidegauge.metering.settings import MeterSettings

TARGET = ExportTarget("ipfix", "127.0.0.1", 4739)


def test_an_interface_that_is_not_there_is_an_error_before_anything_starts() -> None:
    probe = LiveProbe(["absent0"], [TARGET], MeterSettings(), lambda: 0)
    with pytest.raises(OSError, match="cannot listen at absent0: there is no interface absent0"):
        probe.__enter__()
