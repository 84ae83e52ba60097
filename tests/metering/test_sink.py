from __future__ import annotations

from tidegauge.metering.exporter import Exporter
from tidegauge.metering.sink import Sink


def test_an_exporter_is_a_sink() -> None:
    assert set(Sink.__annotations__) | {"send"} <= {*vars(Exporter), *Exporter.__init__.__code__.co_names}
