from __future__ import annotations

import msgspec

from tests.names.told import packed
from tidegauge.flow.interface_sample import InterfaceSample


def test_what_was_not_told_is_none_and_not_0() -> None:
    sample = InterfaceSample(
        received=2,
        exporter=packed("192.0.2.1"),
        interface=1,
        source="snmp",
        counting_since=1,
        counter_bits=64,
    )
    told = {"received", "exporter", "interface", "source", "counting_since", "counter_bits"}
    untold = msgspec.structs.asdict(sample).items() - {(name, getattr(sample, name)) for name in told}
    assert {value for _, value in untold} == {None}
