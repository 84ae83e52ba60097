from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from tidegauge.analysis.detectors import detector
from tidegauge.analysis.detectors.detector import installed_detectors
from tidegauge.analysis.detectors.scan import Scan


def test_ours_are_installed_as_anybodys_would_be() -> None:
    assert "scan" in [found.name for found in installed_detectors()]


def test_another_package_adds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints(
        EntryPoint(name, f"tidegauge.analysis.detectors.scan:{Scan.__name__}", detector.GROUP)
        for name in ("b", "a")
    )
    monkeypatch.setattr(detector, "entry_points", lambda group: points.select(group=group))
    assert [type(found) for found in installed_detectors()] == [Scan, Scan]
