from __future__ import annotations

import getpass

import pytest

from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.live_probe import LiveProbe, missing_capability
from tidegauge.metering.settings import MeterSettings

TARGET = ExportTarget("ipfix", "127.0.0.1", 4739)


def test_the_remedies_name_the_user_and_the_right() -> None:
    assert getpass.getuser() in missing_capability()
    assert "CAP_NET_RAW" in missing_capability()


def test_an_interface_that_is_not_there_is_an_error_before_anything_starts() -> None:
    probe = LiveProbe(["absent0"], [TARGET], MeterSettings(), lambda: 0)
    with pytest.raises(OSError, match="cannot listen at absent0: there is no interface absent0"):
        probe.__enter__()
